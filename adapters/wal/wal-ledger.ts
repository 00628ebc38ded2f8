import type { Draft } from '../../domain/draft.ts'
import {
  LedgerError,
  type HistoryPage,
  type HistoryQuery,
  type Ledger,
  type LedgerHealth,
  type ListQuery,
  type RecordPage
} from '../../domain/ledger.ts'
import { viewAt, type RecordView } from '../../domain/record.ts'
import type { Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'
import { SequenceWaiters } from '../sequence-waiters.ts'
import type { EventReader } from './event-reader.ts'
import { GroupCommit } from './group-commit.ts'
import type { SkippedPart } from './log-replay.ts'
import type { LogTail } from './log-tail.ts'
import { WriteQueue, WriteRequest } from './write-queue.ts'

export interface WalLedgerParts {
  readonly tail: LogTail
  readonly reader: EventReader
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly queueDepthMax: number
  readonly segmentBytesMax: number
  /** How often, while callers of `waitFor` wait, a look is taken at what other processes have written. */
  readonly lookIntervalMs: number
  readonly onFailure: (error: unknown) => void
  /** Resolves when all the requests that the present turn of the event loop brings have come. */
  readonly endOfTurn: () => Promise<void>
}

/** The embedded ledger: one log on a local file system, any number of writing processes, no lock. */
export class WalLedger implements Ledger {
  readonly #parts: WalLedgerParts
  readonly #queue: WriteQueue
  readonly #commit: GroupCommit
  readonly #waiters = new SequenceWaiters()
  #cycle: Promise<void> | undefined
  #failure: LedgerError | undefined
  #closing: Promise<void> | undefined
  #look: NodeJS.Timeout | undefined
  #readsUnderWay = 0
  #lastReadDone: (() => void) | undefined

  constructor(parts: WalLedgerParts) {
    this.#parts = parts
    this.#queue = new WriteQueue(parts.queueDepthMax)
    this.#commit = new GroupCommit(parts.tail, this.#queue)
    this.#waiters.advance(this.#book.sequence)
  }

  execute(unit: Unit): Promise<Outcome> {
    try {
      this.#requireOpen()
      if (this.#failure !== undefined) throw this.#failure
      const request = new WriteRequest(unit)
      this.#queue.add(request)
      void this.#run()
      return request.promise
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    const concerns = (draft: Draft): boolean => draft.touches(storeId, sku)
    return this.#readWhen(concerns, () => {
      const state = this.#book.state(storeId, sku)
      return state.version === 0 ? undefined : viewAt(state, at)
    })
  }

  list(query: ListQuery, at: number): Promise<RecordPage> {
    return this.#readWhen(isWritten, () => this.#book.list(query, at))
  }

  history(query: HistoryQuery): Promise<HistoryPage | undefined> {
    const { storeId, sku, before = Infinity, limit } = query
    const concerns = (draft: Draft): boolean => draft.touches(storeId, sku)
    return this.#readWhen(concerns, async () => {
      const sequences = this.#book.history(storeId, sku, before, limit + 1)
      if (sequences === undefined) return undefined
      const events: SequencedEvent[] = []
      for (const sequence of sequences.slice(0, limit)) {
        events.push(...(await this.#parts.reader.range(sequence, sequence)))
      }
      return { events, hasMore: sequences.length > limit }
    })
  }

  read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    return this.#readWhen(isWritten, () => {
      const last = Math.min(this.#book.sequence, fromSequence + limit - 1)
      return this.#parts.reader.range(fromSequence, last)
    })
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    const wait = this.#waiters.wait(sequence, signal)
    if (this.#waiters.count > 0) this.#lookOut()
    return wait
  }

  health(): LedgerHealth {
    const { replay } = this.#parts.tail
    return {
      status: this.#closing !== undefined ? 'closed' : this.#failure !== undefined ? 'read_only' : 'open',
      ...(this.#failure === undefined ? undefined : { cause: this.#failure.message }),
      sequence: replay.book.sequence,
      queueDepth: this.#queue.depth,
      tornFrames: replay.tornFrames,
      voidUnits: replay.voidUnits
    }
  }

  /** The parts of the log that were skipped, the newest thousand of them. */
  get skipped(): readonly SkippedPart[] {
    return this.#parts.tail.replay.skipped
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  get #book() {
    return this.#parts.tail.replay.book
  }

  /** Reads once whatever the log held at the call is applied. The ledger does not close in the middle of it. */
  async #readWhen<Value>(
    concerns: (draft: Draft) => boolean,
    read: () => Value | Promise<Value>
  ): Promise<Value> {
    this.#requireOpen()
    this.#readsUnderWay += 1
    try {
      await this.#catchUp(concerns)
      return await read()
    } finally {
      this.#readsUnderWay -= 1
      if (this.#readsUnderWay === 0) this.#lastReadDone?.()
    }
  }

  /** Resolves when whatever the log held at the call is applied; at once where nothing new concerns the caller. */
  async #catchUp(concerns: (draft: Draft) => boolean): Promise<void> {
    if (this.#failure !== undefined || !this.#commit.isBehind(concerns)) return
    const { tail } = this.#parts
    let { segment } = tail
    let size = tail.size()
    while (this.#failure === undefined && (tail.isLeavingSegment || tail.readEnd < size)) {
      await this.#run()
      if (tail.segment === segment) continue
      // What was answered before the call may stand in the segment that follows.
      segment = tail.segment
      size = tail.size()
    }
  }

  /**
   * Runs cycles until nothing waits; the promise is that of the cycle that is under way. The first one begins at the
   * end of the present turn, so that it gathers all the requests that the turn brings; the others follow at once.
   */
  #run(): Promise<void> {
    this.#cycle ??= this.#follow(this.#parts.endOfTurn().then(() => this.#cycleOnce()))
    return this.#cycle
  }

  #follow(cycle: Promise<void>): Promise<void> {
    return cycle.finally(() => {
      const isOver = this.#queue.isEmpty || this.#failure !== undefined
      this.#cycle = isOver ? undefined : this.#follow(this.#cycleOnce())
    })
  }

  async #cycleOnce(): Promise<void> {
    try {
      const { tail, segmentBytesMax, now } = this.#parts
      if (tail.readEnd >= segmentBytesMax) await tail.rotate(now())
      await this.#commit.cycle()
      this.#waiters.advance(this.#book.sequence)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** After a failed write or sync nothing the file shows can be trusted: reads go on, writes are over. */
  #fail(error: unknown): void {
    const cause = error instanceof Error ? error.message : String(error)
    this.#failure = new LedgerError('read_only', `the ledger takes no writes: ${cause}`, { cause: error })
    this.#queue.failAll(this.#failure)
    this.#parts.onFailure(error)
  }

  #lookOut(): void {
    if (this.#look !== undefined) return
    this.#look = setInterval(() => {
      if (this.#waiters.count === 0 || this.#failure !== undefined) {
        clearInterval(this.#look)
        this.#look = undefined
      } else if (this.#cycle === undefined && this.#commit.isBehind(() => true)) {
        void this.#run()
      }
    }, this.#parts.lookIntervalMs)
    this.#look.unref()
  }

  async #close(): Promise<void> {
    const { tail, reader, now } = this.#parts
    if (this.#readsUnderWay > 0) await new Promise<void>((resolve) => (this.#lastReadDone = resolve))
    while (this.#cycle !== undefined) await this.#cycle
    clearInterval(this.#look)
    this.#waiters.close()
    try {
      if (this.#failure === undefined) await tail.markDurable(now())
    } finally {
      await reader.close()
      await tail.close()
    }
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new LedgerError('closed', 'the ledger is closed')
  }
}

function isWritten(draft: Draft): boolean {
  return !draft.isEmpty
}
