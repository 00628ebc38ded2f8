import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NodeFileSystem } from '../../file-system/node-file-system.ts'
import { ImportFailure, reasonOf } from './failures.ts'
import type { AnswerLine, HeaderLine, JournalLine } from './journal-lines.ts'
import type { EarlierRun } from './journal-reading.ts'
import type { Item } from './mapping.ts'
import type { RowState } from './row-states.ts'
import type { Summary } from './summary.ts'

/** The memory of an import, so that a second run neither forgets a row nor sends it twice. */
export interface Journal {
  /** What earlier runs know of the row. */
  state(row: number): RowState
  /** Whether an earlier run found the row applied by an attempt before. */
  wasReplayed(row: number): boolean
  /** The row in doubt that was sent under this key, where the journal holds keys. */
  rowOfKey(key: string): number | undefined
  /** Notes that the rows are about to be sent; resolves, when `synced`, only once that is on the disk. */
  intend(items: readonly Item[], synced: boolean): Promise<number>
  /** Notes an answer. */
  answered(line: AnswerLine): Promise<void>
  completed(summary: Summary): Promise<void>
  close(): Promise<void>
}

/** No memory: for --no-journal, where the server's memory of keys alone protects a second run. */
export class NoJournal implements Journal {
  #nextId = 1

  state(): RowState {
    return { is: 'unsent' }
  }

  wasReplayed(): boolean {
    return false
  }

  rowOfKey(): undefined {
    return undefined
  }

  async intend(): Promise<number> {
    return await Promise.resolve(this.#nextId++)
  }

  async answered(): Promise<void> {
    await Promise.resolve()
  }

  async completed(): Promise<void> {
    await Promise.resolve()
  }

  async close(): Promise<void> {
    await Promise.resolve()
  }
}

interface Waiting {
  readonly text: string
  readonly synced: boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A journal in a file that only grows; what several lanes write at once goes out in one write and one sync. */
export class FileJournal implements Journal {
  readonly #file: FileHandle
  readonly #holdsKeys: boolean
  readonly #earlier: EarlierRun | undefined
  #waiting: Waiting[] = []
  #writing = false
  #failure: Error | undefined
  #nextId: number

  private constructor(file: FileHandle, holdsKeys: boolean, earlier: EarlierRun | undefined) {
    this.#file = file
    this.#holdsKeys = holdsKeys
    this.#earlier = earlier
    this.#nextId = earlier?.nextId ?? 1
  }

  /**
   * Begins a journal with its header on the disk; what stood there before is gone. `holdsKeys` says that keys do not
   * follow from the row numbers.
   */
  static async begin(path: string, header: HeaderLine, holdsKeys: boolean): Promise<FileJournal> {
    const journal = new FileJournal(await open(path, 'w'), holdsKeys, undefined)
    await journal.#append([header], true)
    // Makes a new file's name durable, too.
    await new NodeFileSystem().syncFolder(dirname(path))
    return journal
  }

  /** Goes on with the journal that `earlier` was read from; its torn last line is cut off. */
  static async goOn(path: string, earlier: EarlierRun, holdsKeys: boolean): Promise<FileJournal> {
    const file = await open(path, 'a')
    await file.truncate(earlier.soundBytes)
    return new FileJournal(file, holdsKeys, earlier)
  }

  state(row: number): RowState {
    return this.#earlier?.states.get(row) ?? { is: 'unsent' }
  }

  wasReplayed(row: number): boolean {
    return this.#earlier?.replayed.has(row) ?? false
  }

  rowOfKey(key: string): number | undefined {
    return this.#earlier?.rowOfKey.get(key)
  }

  async intend(items: readonly Item[], synced: boolean): Promise<number> {
    const id = this.#nextId
    this.#nextId += 1
    const keys = this.#holdsKeys ? { keys: items.map((item) => item.movement?.idempotencyKey ?? null) } : {}
    await this.#append([{ id, intent: items.map((item) => item.row), ...keys }], synced)
    return id
  }

  async answered(line: AnswerLine): Promise<void> {
    await this.#append([line], false)
  }

  async completed(summary: Summary): Promise<void> {
    await this.#append([{ completed: summary }], true)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #append(lines: readonly JournalLine[], synced: boolean): Promise<void> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ text, synced, resolve, reject })
    })
    if (!this.#writing) void this.#writeWaiting()
    await written
  }

  async #writeWaiting(): Promise<void> {
    this.#writing = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        if (this.#failure !== undefined) throw this.#failure
        await this.#file.appendFile(batch.map((line) => line.text).join(''))
        if (batch.some((line) => line.synced)) await this.#file.datasync()
        for (const line of batch) line.resolve()
      } catch (error) {
        // A line written after a failed one would stand behind a torn line and make the journal unreadable.
        this.#failure = new ImportFailure(`cannot write the journal: ${reasonOf(error)}`)
        for (const line of batch) line.reject(this.#failure)
      }
    }
    this.#writing = false
  }
}
