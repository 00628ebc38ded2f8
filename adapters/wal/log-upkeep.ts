import { LedgerError } from '../../domain/ledger.ts'
import type { EventReader } from './event-reader.ts'
import type { LogFolder } from './log-folder.ts'
import type { LogTail } from './log-tail.ts'
import { firstKept } from './retention.ts'
import { blocksOf } from './snapshot/snapshot-blocks.ts'
import type { SnapshotFolder } from './snapshot/snapshot-folder.ts'

export interface SnapshotWritten {
  /** That of the newest event in it. */
  readonly sequence: number
  readonly bytes: number
  readonly durationMs: number
}

export interface Retained {
  /** The first sequences of the segments that were removed from the disk. */
  readonly removed: readonly number[]
  /** That of the oldest event that is kept. */
  readonly oldestSequence: number
}

export interface LogUpkeepParts {
  readonly tail: LogTail
  readonly reader: EventReader
  readonly folder: LogFolder
  readonly snapshots: SnapshotFolder
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Does the work while nobody else uses the tail, after all that the log held at the call was read. */
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>
}

/** Keeps the log short: snapshots, and the segments that they make needless. */
export class LogUpkeep {
  readonly #parts: LogUpkeepParts
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(parts: LogUpkeepParts) {
    this.#parts = parts
  }

  writeSnapshot(): Promise<SnapshotWritten> {
    return this.#oneByOne(() => this.#writeSnapshot())
  }

  retain(eventCount: number | undefined, checkpoint: number): Promise<Retained> {
    return this.#oneByOne(() => this.#retain(eventCount, checkpoint))
  }

  /** Ends what is under way; what was asked rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last.catch(() => undefined)
  }

  #oneByOne<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = this.#last.catch(() => undefined).then(work)
    this.#last = next
    return next
  }

  async #writeSnapshot(): Promise<SnapshotWritten> {
    this.#requireOpen()
    const started = performance.now()
    const { tail, snapshots, exclusively } = this.#parts
    const capture = await exclusively(async () => tail.replay.capture())
    const { sequence, release } = capture.book
    try {
      const bytes = await snapshots.write(sequence, blocksOf(capture), () => this.#nextTurn())
      return { sequence, bytes, durationMs: performance.now() - started }
    } finally {
      release()
    }
  }

  async #retain(eventCount: number | undefined, checkpoint: number): Promise<Retained> {
    this.#requireOpen()
    const { tail, folder, now, exclusively } = this.#parts
    const { book, index } = tail.replay
    if (eventCount !== undefined && !(eventCount >= 1)) throw new RangeError(`${eventCount} events to keep`)
    if (eventCount !== undefined) await exclusively(() => this.#sealWhenDue(eventCount))
    const bounds = { newest: book.sequence, eventCount: eventCount ?? Infinity, checkpoint }
    const isWanted = firstKept(index.segments, { ...bounds, coveredSegment: Infinity }) !== undefined
    const isLeft = (await folder.segments()).some((segment) => segment < book.oldestSequence)
    const coveredSegment = isWanted || isLeft ? await this.#coveredSegment() : 0
    const retained = firstKept(index.segments, { ...bounds, coveredSegment })
    if (retained !== undefined) await exclusively(() => tail.retain(now(), retained))
    const { oldestSequence } = book
    const removed = await folder.clear(Math.min(oldestSequence, coveredSegment), tail.segment)
    await this.#parts.reader.forgetBelow(oldestSequence)
    return { removed, oldestSequence }
  }

  /** Only whole segments go, so one that alone holds as many events as are to be kept is ended. */
  async #sealWhenDue(eventCount: number): Promise<void> {
    const { tail, now } = this.#parts
    if (tail.replay.book.sequence - tail.segment + 1 >= eventCount) await tail.rotate(now())
  }

  /** Where the oldest snapshot goes on that is kept and good: every byte of it is read. 0 where there is none. */
  async #coveredSegment(): Promise<number> {
    const { snapshots } = this.#parts
    let covered = Infinity
    for (const sequence of await snapshots.list()) {
      const position = await snapshots.verify(sequence, () => this.#nextTurn())
      if (position !== undefined) covered = Math.min(covered, position.segment)
    }
    return covered === Infinity ? 0 : covered
  }

  async #nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#requireOpen()
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new LedgerError('closed', 'the ledger is closed')
  }
}
