import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { ImportFailure } from './failures.ts'
import { type AnswerLine, type HeaderLine, type IntentLine, journalLine } from './journal-lines.ts'
import { type Line, linesOf } from './lines.ts'
import { RowStates } from './row-states.ts'
import type { Summary } from './summary.ts'

/** What an earlier run left behind. */
export interface EarlierRun {
  readonly header: HeaderLine
  readonly states: RowStates
  /** Rows that were found applied by an earlier attempt of theirs. */
  readonly replayed: ReadonlySet<number>
  /** The rows in doubt by their keys, where the keys do not follow from the row numbers. */
  readonly rowOfKey: ReadonlyMap<string, number>
  readonly completed: Summary | undefined
  readonly nextId: number
  /** The length of the refused file at the last answer; undefined before the first. */
  readonly refusedBytes: number | undefined
  /** The length of the journal without a torn last line. */
  readonly soundBytes: number
}

const LONGEST_LINE = 64 * 1024 * 1024

/**
 * Reads a journal; undefined where there is none, or only the torn beginning of one. A torn last line, as a killed
 * run leaves it, is passed over; an unreadable line before others throws an ImportFailure, since what it said of its
 * rows is lost.
 */
export async function readJournal(path: string): Promise<EarlierRun | undefined> {
  const exists = await access(path).then(
    () => true,
    () => false
  )
  if (!exists) return undefined
  const reading = new JournalReading(path)
  for await (const line of linesOf(createReadStream(path, 'utf8'), LONGEST_LINE)) {
    reading.take(line)
  }
  return reading.result()
}

class JournalReading {
  readonly #path: string
  readonly #states = new RowStates()
  readonly #replayed = new Set<number>()
  readonly #unanswered = new Map<number, IntentLine>()
  #header: HeaderLine | undefined
  #completed: Summary | undefined
  #lines = 0
  #torn = 0
  #nextId = 1
  #refusedBytes: number | undefined
  #soundBytes = 0

  constructor(path: string) {
    this.#path = path
  }

  take({ text, ended }: Line): void {
    this.#lines += 1
    if (this.#torn > 0) {
      throw new ImportFailure(
        `the journal ${this.#path} is damaged at line ${this.#torn}: it cannot be gone on with`
      )
    }
    const line = ended ? journalLine(text) : undefined
    if (line === undefined) {
      if (this.#header === undefined && (ended || !isHeaderBegun(text))) throw this.#foreign()
      this.#torn = this.#lines
      return
    }
    this.#soundBytes += Buffer.byteLength(text) + 1
    if ('journal' in line) this.#header = line
    else if (this.#header === undefined) throw this.#foreign()
    else if ('completed' in line) this.#completed = line.completed
    else if ('intent' in line) this.#unanswered.set(line.id, line)
    else this.#answer(line)
    if ('id' in line) this.#nextId = Math.max(this.#nextId, line.id + 1)
  }

  #answer(line: AnswerLine): void {
    for (const row of this.#unanswered.get(line.id)?.intent ?? []) this.#states.setApplied(row)
    this.#unanswered.delete(line.id)
    for (const [code, rows] of Object.entries(line.refused ?? {})) {
      for (const row of rows) this.#states.setRefused(row, code)
    }
    for (const row of line.replayed ?? []) this.#replayed.add(row)
    this.#refusedBytes = line.refusedBytes
  }

  result(): EarlierRun | undefined {
    // Nothing was sent before the header was on the disk, so its torn beginning may be written over.
    if (this.#header === undefined) return undefined
    const rowOfKey = new Map<string, number>()
    for (const { intent, keys } of this.#unanswered.values()) {
      for (const [index, row] of intent.entries()) {
        if (this.#states.get(row).is === 'unsent') this.#states.setInDoubt(row)
        const key = keys?.[index]
        if (typeof key === 'string') rowOfKey.set(key, row)
      }
    }
    return {
      header: this.#header,
      states: this.#states,
      replayed: this.#replayed,
      rowOfKey,
      completed: this.#completed,
      nextId: this.#nextId,
      refusedBytes: this.#refusedBytes,
      soundBytes: this.#soundBytes
    }
  }
  #foreign(): ImportFailure {
    return new ImportFailure(`${this.#path} is not a journal of bincard import`)
  }
}

function isHeaderBegun(text: string): boolean {
  const beginning = '{"journal":"bincard import 1"'
  return beginning.startsWith(text) || text.startsWith(beginning)
}
