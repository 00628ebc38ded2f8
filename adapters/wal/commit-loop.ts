import type { Draft } from '../../domain/draft.ts'
import { LedgerError, type LedgerObserver } from '../../domain/ledger.ts'
import type { Outcome, Unit } from '../../domain/unit.ts'
import { SequenceWaiters } from '../sequence-waiters.ts'
import { Cycles } from './cycles.ts'
import { LeftBehindError } from './damage.ts'
import { ExclusiveWork } from './exclusive-work.ts'
import { GroupCommit } from './group-commit.ts'
import type { LogTail } from './log-tail.ts'
import { LookOut } from './look-out.ts'
import { WriteQueue, WriteRequest } from './write-queue.ts'

export interface CommitLoopParts {
  readonly tail: LogTail
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly queueDepthMax: number
  readonly segmentBytesMax: number
  /** How often, while callers of `waitFor` wait, a look is taken at what other processes have written. */
  readonly lookIntervalMs: number
  readonly onFailure: (error: unknown) => void
  readonly observer: LedgerObserver | undefined
  /** Resolves when all the requests that the present turn of the event loop brings have come. */
  readonly endOfTurn: () => Promise<void>
}

/** The one line of work at the end of the log: everybody's writes, and all reading of what others have written. */
export class CommitLoop {
  readonly #parts: CommitLoopParts
  readonly #queue: WriteQueue
  readonly #commit: GroupCommit
  readonly #waiters = new SequenceWaiters()
  readonly #exclusive = new ExclusiveWork()
  readonly #cycles: Cycles
  readonly #lookOut: LookOut
  #failure: LedgerError | undefined

  constructor(parts: CommitLoopParts) {
    this.#parts = parts
    this.#queue = new WriteQueue(parts.queueDepthMax)
    this.#commit = new GroupCommit(parts.tail, this.#queue, parts.observer)
    this.#cycles = new Cycles({
      cycle: () => this.#cycle(),
      isOver: () => (this.#queue.isEmpty && this.#exclusive.isEmpty) || this.#failure !== undefined,
      endOfTurn: parts.endOfTurn
    })
    this.#lookOut = new LookOut({
      intervalMs: parts.lookIntervalMs,
      isOver: () => this.#waiters.count === 0 || this.#failure !== undefined,
      look: () => {
        if (this.#cycles.underWay === undefined && this.#commit.isBehind(() => true)) void this.#cycles.run()
      }
    })
    this.#waiters.advance(this.#sequence)
  }

  /** Why no more is written: reads go on, unless it is a LeftBehindError. */
  get failure(): LedgerError | undefined {
    return this.#failure
  }

  get queueDepth(): number {
    return this.#queue.depth
  }

  /** Resolves when the outcome is durable. Throws what refuses the unit before anything was done. */
  execute(unit: Unit): Promise<Outcome> {
    if (this.#failure !== undefined) throw this.#failure
    const request = new WriteRequest(unit)
    this.#queue.add(request)
    void this.#cycles.run()
    return request.promise
  }

  /** Does the work while nobody else is at the end of the log, after all that the log held at the call was read. */
  exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const done = this.#exclusive.add(work)
    void this.#cycles.run()
    return done
  }

  /**
   * Resolves when whatever the log held at the call is applied; at once where nothing new concerns the caller, or where
   * the log has failed.
   */
  async catchUp(concerns: (draft: Draft) => boolean): Promise<void> {
    if (this.#failure !== undefined || !this.#commit.isBehind(concerns)) return
    const { tail } = this.#parts
    let { segment } = tail
    let size = tail.size()
    while (this.#failure === undefined && (tail.isLeavingSegment || tail.readEnd < size)) {
      await this.#cycles.run()
      if (tail.segment === segment) continue
      // What was answered before the call may stand in the segment that follows.
      segment = tail.segment
      size = tail.size()
    }
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    const wait = this.#waiters.wait(sequence, signal)
    if (this.#waiters.count > 0) this.#lookOut.begin()
    return wait
  }

  /** Finishes what was accepted, and says in the log that all of it is durable. */
  async end(): Promise<void> {
    const { tail, now } = this.#parts
    while (this.#cycles.underWay !== undefined) await this.#cycles.underWay
    this.#lookOut.end()
    this.#waiters.close()
    if (this.#failure === undefined) await tail.markDurable(now())
  }

  get #sequence(): number {
    return this.#parts.tail.replay.book.sequence
  }

  async #cycle(): Promise<void> {
    try {
      const { tail, segmentBytesMax, now } = this.#parts
      if (tail.readEnd >= segmentBytesMax) await tail.rotate(now())
      await this.#commit.cycle()
      // Not awaited for nothing: a caller who asks again at once would slip into a cycle of its own.
      if (!this.#exclusive.isEmpty) await this.#exclusive.carryOut()
      this.#waiters.advance(this.#sequence)
    } catch (error) {
      this.#fail(error)
    }
  }

  /**
   * After a failed write or sync nothing the file shows can be trusted: reads go on, writes are over. For one who was
   * left behind reads are over too: the others have gone on, and it cannot say where to.
   */
  #fail(error: unknown): void {
    const cause = error instanceof Error ? error.message : String(error)
    const isLeftBehind = error instanceof LeftBehindError
    this.#failure = isLeftBehind
      ? error
      : new LedgerError('read_only', `the ledger takes no writes: ${cause}`, { cause: error })
    this.#queue.failAll(this.#failure)
    this.#exclusive.failAll(this.#failure)
    if (isLeftBehind) this.#waiters.close()
    this.#parts.onFailure(error)
  }
}
