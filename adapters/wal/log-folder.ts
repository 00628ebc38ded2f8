import { dirname, join, resolve } from 'node:path'
import type { FileSystem, OpenFile } from '../file-system/file-system.ts'
import { DamageError, LeftBehindError } from './damage.ts'
import { digits, NAME_DIGITS } from './sequence-name.ts'

const SEGMENT_NAME = new RegExp(`^\\d{${NAME_DIGITS}}\\.wal$`)
/** A prepared file says which segment's seal may name it. */
const PREPARED_NAME = new RegExp(`^next-(\\d{${NAME_DIGITS}})-.+\\.wal$`)
const FORMAT = 'bincard-log-1'

/**
 * The names on disk: `<data>/log/<first sequence>.wal` for the segments, and beside the log a marker that says a
 * ledger was begun here, so that a log that is gone is told from one that never was.
 */
export class LogFolder {
  readonly #fileSystem: FileSystem
  readonly #data: string
  readonly #log: string

  constructor(fileSystem: FileSystem, dataFolder: string) {
    this.#fileSystem = fileSystem
    this.#data = resolve(dataFolder)
    this.#log = join(this.#data, 'log')
  }

  pathOf(segment: number): string {
    return join(this.#log, `${digits(segment)}.wal`)
  }

  /**
   * Makes a new log where there was none. Throws a DamageError where there was one and it is gone; a marker or a
   * snapshot says so.
   */
  async begin(hasSnapshots: boolean): Promise<void> {
    await this.#fileSystem.makeFolder(this.#log)
    const wasBegun = await this.#hasMarker()
    const [first] = await this.segments()
    if (first === undefined && (wasBegun || hasSnapshots)) {
      throw new DamageError(
        this.#log,
        0,
        'a ledger was begun in this folder, but the segments of its log are missing'
      )
    }
    if (first === undefined) await this.#createEmpty(this.pathOf(1))
    await this.#syncUpwards(this.#log)
    if (!wasBegun) await this.#writeMarker()
  }

  /** The first sequences of the segments there are, in order. Rejects with ENOENT where there is no log. */
  async segments(): Promise<number[]> {
    const names = await this.#fileSystem.list(this.#log)
    return names.filter((name) => SEGMENT_NAME.test(name)).map((name) => Number(name.slice(0, NAME_DIGITS)))
  }

  /** Opens a segment for appending, reading and syncing. */
  open(segment: number): Promise<OpenFile> {
    return this.#fileSystem.open(this.pathOf(segment), 'append')
  }

  openForReading(segment: number): Promise<OpenFile> {
    return this.#fileSystem.open(this.pathOf(segment), 'read')
  }

  openForUpdate(segment: number): Promise<OpenFile> {
    return this.#fileSystem.open(this.pathOf(segment), 'update')
  }

  /** Throws a DamageError where the log does not begin with its first event. */
  async requireBeginning(why: string): Promise<void> {
    const [first] = await this.segments()
    if (first === 1) return
    throw new DamageError(
      this.#log,
      0,
      `the log begins at sequence ${first}: segments before it are missing, and ${why}`
    )
  }

  /** Puts an empty file on disk, durably, that the seal of this segment can name. Returns its name. */
  async prepareNext(segment: number, writer: string): Promise<string> {
    const name = `next-${digits(segment)}-${writer}.wal`
    await this.#createEmpty(join(this.#log, name))
    await this.#fileSystem.syncFolder(this.#log)
    return name
  }

  /** Takes back a prepared file that no seal names; somebody may have cleared it away already. */
  async discard(name: string): Promise<void> {
    await this.#fileSystem.remove(join(this.#log, name)).catch(ignoreMissing)
  }

  /**
   * Removes what is no part of the log any more: the segments before `oldest`, the first one first, so that what is
   * left after a crash has no gap; and the files that were prepared for a segment before `present`, which is sealed, so
   * that no seal can name them. REQUIRES: the log says so durably. Returns the segments that it removed.
   */
  async clear(oldest: number, present: number): Promise<number[]> {
    const removed: number[] = []
    for (const name of await this.#fileSystem.list(this.#log)) {
      const segment = SEGMENT_NAME.test(name) ? Number(name.slice(0, NAME_DIGITS)) : Infinity
      const preparedFor = Number(PREPARED_NAME.exec(name)?.[1] ?? Infinity)
      if (segment < oldest) removed.push(segment)
      if (segment < oldest || preparedFor < present) await this.discard(name)
    }
    return removed
  }

  /**
   * Makes the file that a seal names the segment that begins at `segment`. Whoever comes first renames it, all others
   * find it done. Throws a LeftBehindError where neither name is there but the log goes on behind it, else a DamageError.
   */
  async adopt(name: string, segment: number): Promise<OpenFile> {
    await this.#fileSystem.rename(join(this.#log, name), this.pathOf(segment)).catch(ignoreMissing)
    try {
      const file = await this.open(segment)
      await this.#fileSystem.syncFolder(this.#log)
      return file
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      const goesOn = (await this.segments()).some((later) => later > segment)
      if (goesOn) throw new LeftBehindError(this.pathOf(segment))
      throw new DamageError(
        this.pathOf(segment),
        0,
        'the segment before it is sealed, but this one is missing'
      )
    }
  }

  /** Each new folder is a name in its parent (fsync(2)); one that this process may not open it has not made. */
  async #syncUpwards(folder: string): Promise<void> {
    const parent = dirname(folder)
    await this.#fileSystem.syncFolder(folder).catch((error: unknown) => {
      if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error
    })
    if (parent !== folder) await this.#syncUpwards(parent)
  }

  async #hasMarker(): Promise<boolean> {
    const names = await this.#fileSystem.list(this.#data)
    return names.includes('ledger.json')
  }

  async #writeMarker(): Promise<void> {
    const path = join(this.#data, 'ledger.json')
    const file = await this.#fileSystem.open(path, 'create').catch(ignoreExisting)
    if (file === undefined) return
    try {
      const bytes = Buffer.from(`${JSON.stringify({ format: FORMAT })}\n`)
      // The marker says what it has to by being there; its text is for people.
      await file.append(bytes)
      await file.syncData()
    } finally {
      await file.close()
    }
    await this.#fileSystem.syncFolder(this.#data)
  }

  async #createEmpty(path: string): Promise<void> {
    const file = await this.#fileSystem.open(path, 'create').catch(ignoreExisting)
    if (file === undefined) return
    await file.syncData()
    await file.close()
  }
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error
}

function ignoreExisting(error: unknown): undefined {
  if (codeOf(error) !== 'EEXIST') throw error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
