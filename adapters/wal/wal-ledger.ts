import type { Draft } from '../../domain/draft.ts'
import {
  LedgerError,
  type HistoryPage,
  type HistoryQuery,
  type Ledger,
  type LedgerFigures,
  type LedgerHealth,
  type ListQuery,
  type RecordPage
} from '../../domain/ledger.ts'
import { exists, viewAt, type RecordView } from '../../domain/record.ts'
import type { DueRecord } from '../../domain/reservation-index.ts'
import type { ReservationPage, ReservationQuery, ReservationReading } from '../../domain/reservation-pages.ts'
import type { Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'
import type { PrintableEvent } from '../../domain/written-adjustment.ts'
import type { Boot } from './boot.ts'
import { CommitLoop, type CommitLoopParts } from './commit-loop.ts'
import { LeftBehindError } from './damage.ts'
import { eventsFrom, historyPage, type EventSource } from './event-pages.ts'
import type { EventReader } from './event-reader.ts'
import type { LogFolder } from './log-folder.ts'
import type { SkippedPart } from './log-replay.ts'
import { LogUpkeep, type Retained, type SnapshotWritten } from './log-upkeep.ts'
import type { SnapshotFolder } from './snapshot/snapshot-folder.ts'

export interface WalLedgerParts extends CommitLoopParts {
  readonly reader: EventReader
  readonly folder: LogFolder
  readonly snapshots: SnapshotFolder
  readonly boot: Boot
}

/** The embedded ledger: one log on a local file system, any number of writing processes, no lock. */
export class WalLedger implements Ledger {
  readonly #parts: WalLedgerParts
  readonly #loop: CommitLoop
  readonly #upkeep: LogUpkeep
  #closing: Promise<void> | undefined
  #readsUnderWay = 0
  #lastReadDone: (() => void) | undefined

  constructor(parts: WalLedgerParts) {
    this.#parts = parts
    this.#loop = new CommitLoop(parts)
    this.#upkeep = new LogUpkeep({ ...parts, exclusively: (work) => this.#loop.exclusively(work) })
  }

  execute(unit: Unit): Promise<Outcome> {
    try {
      this.#requireOpen()
      return this.#loop.execute(unit)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    const concerns = (draft: Draft): boolean => draft.touches(storeId, sku)
    return this.#readWhen(concerns, () => {
      const state = this.#book.state(storeId, sku)
      return exists(state) ? viewAt(state, at) : undefined
    })
  }

  list(query: ListQuery, at: number): Promise<RecordPage> {
    return this.#readWhen(isWritten, () => this.#book.list(query, at))
  }

  /** Every record that exists, as all of them are at `at` after one unit of the log; by store, then by SKU. */
  records(at: number): Promise<RecordView[]> {
    return this.#readWhen(isWritten, () => this.#book.records(at))
  }

  reservation(storeId: string, sku: string, id: string, at: number): Promise<ReservationReading | undefined> {
    const concerns = (draft: Draft): boolean => draft.touches(storeId, sku)
    return this.#readWhen(concerns, () => this.#book.reservation(storeId, sku, id, at))
  }

  reservations(query: ReservationQuery, at: number): Promise<ReservationPage | undefined> {
    return this.#readWhen(isWritten, () => this.#book.reservations(query, at))
  }

  due(at: number, limit: number): Promise<readonly DueRecord[]> {
    return this.#readWhen(isWritten, () => this.#book.due(at, limit))
  }

  history(query: HistoryQuery): Promise<HistoryPage | undefined> {
    const concerns = (draft: Draft): boolean => draft.touches(query.storeId, query.sku)
    return this.#readWhen(concerns, () => historyPage(this.#events, query))
  }

  read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    const { reader } = this.#parts
    const range = (first: number, last: number) => reader.range(first, last)
    return this.#readWhen(isWritten, () => eventsFrom(this.#events, fromSequence, limit, range))
  }

  readPrintable(fromSequence: number, limit: number): Promise<readonly PrintableEvent[]> {
    const { reader } = this.#parts
    const range = (first: number, last: number) => reader.printableRange(first, last)
    return this.#readWhen(isWritten, () => eventsFrom(this.#events, fromSequence, limit, range))
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    return this.#loop.waitFor(sequence, signal)
  }

  health(): LedgerHealth {
    const { replay } = this.#parts.tail
    const { failure, queueDepth } = this.#loop
    return {
      status: this.#status,
      ...(failure === undefined ? undefined : { cause: failure.message }),
      sequence: replay.book.sequence,
      oldestSequence: replay.book.oldestSequence,
      queueDepth,
      tornFrames: replay.tornFrames,
      voidUnits: replay.voidUnits
    }
  }

  figures(): LedgerFigures {
    const { recordCount: records, openReservations, answers } = this.#book
    return { records, openReservations, rememberedKeys: answers.size }
  }

  /** From which snapshot the ledger was opened, and which ones it could not use. */
  get boot(): Boot {
    return this.#parts.boot
  }

  /** The segment that is written to. */
  get place(): string {
    const { folder, tail } = this.#parts
    return folder.pathOf(tail.segment)
  }

  get recordCount(): number {
    return this.#book.recordCount
  }

  /** The parts of the log that were skipped, the newest thousand of them. */
  get skipped(): readonly SkippedPart[] {
    return this.#parts.tail.replay.skipped
  }

  /** The sequence of the newest snapshot on disk, by whichever process; 0 for none. */
  async newestSnapshot(): Promise<number> {
    return (await this.#parts.snapshots.list())[0] ?? 0
  }

  /**
   * Writes the state after all that the log holds at the call into the data folder, and keeps the newest two of such
   * snapshots. Where it rejects the others are as they were, and the ledger goes on, unless it was the log that failed.
   */
  async writeSnapshot(): Promise<SnapshotWritten> {
    this.#requireOpen()
    return await this.#upkeep.writeSnapshot()
  }

  /**
   * Removes the oldest segments as far as the newest `eventCount` events stay, every reader has come past them
   * (`checkpoint` is the event up to which the last one has) and the oldest kept snapshot covers them. Without a count it
   * only clears away what an earlier call has left. A segment that alone holds so many events is ended, so that a later
   * call can remove it. Throws a RangeError for a count below 1.
   */
  async retain(eventCount: number | undefined, checkpoint: number): Promise<Retained> {
    this.#requireOpen()
    return await this.#upkeep.retain(eventCount, checkpoint)
  }

  /**
   * Shows that the disk takes writes: a mark that says that the log is durable up to here, written and synced as every
   * unit is. Where it rejects the ledger takes no more writes.
   */
  async prove(): Promise<void> {
    this.#requireOpen()
    const { tail, now } = this.#parts
    await this.#loop.exclusively(() => tail.markDurable(now()))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  get #status(): LedgerHealth['status'] {
    const { failure } = this.#loop
    if (this.#closing !== undefined || failure instanceof LeftBehindError) return 'closed'
    return failure === undefined ? 'open' : 'read_only'
  }

  get #book() {
    return this.#parts.tail.replay.book
  }

  get #events(): EventSource {
    return { book: this.#book, reader: this.#parts.reader, catchUp: () => this.#loop.catchUp(() => true) }
  }

  /** Reads once whatever the log held at the call is applied. The ledger does not close in the middle of it. */
  async #readWhen<Value>(
    concerns: (draft: Draft) => boolean,
    read: () => Value | Promise<Value>
  ): Promise<Value> {
    this.#requireOpen()
    this.#readsUnderWay += 1
    try {
      await this.#loop.catchUp(concerns)
      this.#requireNotLeftBehind()
      return await read()
    } finally {
      this.#readsUnderWay -= 1
      if (this.#readsUnderWay === 0) this.#lastReadDone?.()
    }
  }

  async #close(): Promise<void> {
    const { tail, reader } = this.#parts
    await this.#upkeep.close()
    if (this.#readsUnderWay > 0) await new Promise<void>((resolve) => (this.#lastReadDone = resolve))
    try {
      await this.#loop.end()
    } finally {
      await reader.close()
      await tail.close()
    }
  }

  #requireOpen(): void {
    this.#requireNotLeftBehind()
    if (this.#closing !== undefined) throw new LedgerError('closed', 'the ledger is closed')
  }

  #requireNotLeftBehind(): void {
    if (this.#loop.failure instanceof LeftBehindError) throw this.#loop.failure
  }
}

function isWritten(draft: Draft): boolean {
  return !draft.isEmpty
}
