import type { RecordView } from './record.ts'
import type { DueRecord } from './reservation-index.ts'
import type { ReservationPage, ReservationQuery, ReservationReading } from './reservation-pages.ts'
import type { Outcome, SequencedEvent, Unit } from './unit.ts'
import type { PrintableEvent } from './written-adjustment.ts'

export interface ListQuery {
  readonly storeId: string
  /** Only SKUs after this one, in the order of UTF-16 code units. */
  readonly after?: string
  readonly limit: number
}

export interface RecordPage {
  readonly records: readonly RecordView[]
  readonly hasMore: boolean
  /** That of the newest event that the page reflects, 0 for none. */
  readonly sequence: number
}

export interface HistoryQuery {
  readonly storeId: string
  readonly sku: string
  /** Only events with a smaller sequence. */
  readonly before?: number
  readonly limit: number
}

export interface HistoryPage {
  readonly events: readonly SequencedEvent[]
  readonly hasMore: boolean
}

export interface LedgerHealth {
  /** `open` takes reads and writes, `read_only` reads only, `closed` nothing. */
  readonly status: 'open' | 'read_only' | 'closed'
  /** Why it is not open. */
  readonly cause?: string
  readonly sequence: number
  /** That of the oldest event that is kept: 1 as long as none was removed, one past `sequence` where all were. */
  readonly oldestSequence: number
  readonly queueDepth: number
  /** Parts of the log that were skipped because they were torn and never acknowledged. */
  readonly tornFrames: number
  readonly voidUnits: number
}

/** What of a ledger is counted for those who operate it. */
export interface LedgerFigures {
  readonly records: number
  /** Reservations that no event has ended; the time of some may have passed. */
  readonly openReservations: number
  /** Idempotency keys whose answers are held. */
  readonly rememberedKeys: number
}

/** What a ledger has made durable in one step. */
export interface WrittenBatch {
  readonly units: number
  readonly events: number
  /** Of the events, those that ended a reservation whose time had passed. */
  readonly expired: number
  /** How long the disk took to sync it; undefined where there is no disk. */
  readonly syncMs?: number
}

/** Told what a ledger does. It is called on the way of every write: it has to be quick, and must not throw. */
export interface LedgerObserver {
  batchWritten(batch: WrittenBatch): void
}

/**
 * The one port of every ledger. All promises may be called concurrently, in any number.
 * Reads are linearizable: they see whatever was answered before they were called, by any process.
 */
export interface Ledger {
  /**
   * Decides the unit and resolves when its outcome is durable. Rejects with a LedgerError when no outcome can be
   * promised: `queue_full`, `read_only` and `closed` before anything was done, `in_doubt` when the write may or
   * may not survive.
   */
  execute(unit: Unit): Promise<Outcome>
  /** The record as it is at `at` (milliseconds since the epoch); undefined where it does not exist or was deleted. */
  get(storeId: string, sku: string, at: number): Promise<RecordView | undefined>
  /** A store's records in the order of their SKUs; empty for an unknown store, and without deleted products. */
  list(query: ListQuery, at: number): Promise<RecordPage>
  /** A reservation as it is at `at`; undefined for one that never was, or ended too long ago to be remembered. */
  reservation(storeId: string, sku: string, id: string, at: number): Promise<ReservationReading | undefined>
  /** A page of reservations as they are at `at`; undefined where they are one record's and there never was such a one. */
  reservations(query: ReservationQuery, at: number): Promise<ReservationPage | undefined>
  /**
   * At most `limit` records with reservations whose time has passed at `at`, though no event says so yet, the first to
   * expire first; at Infinity all that ever expire.
   */
  due(at: number, limit: number): Promise<readonly DueRecord[]>
  /** A record's own events that are kept, newest first, a deleted product's too; undefined where there never was one. */
  history(query: HistoryQuery): Promise<HistoryPage | undefined>
  /**
   * Up to `limit` events from `fromSequence` on, contiguous; with a limit of 0 none, but `health` then knows of all that
   * was answered before. Rejects with an EventsGoneError where it begins below the oldest event that is kept.
   */
  read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]>
  /** As `read`, for one who only prints the events: some may come in the words of the log, and cost less then. */
  readPrintable(fromSequence: number, limit: number): Promise<readonly PrintableEvent[]>
  /** Resolves once the event with this sequence can be read; rejects when `signal` is aborted or the ledger closes. */
  waitFor(sequence: number, signal?: AbortSignal): Promise<void>
  health(): LedgerHealth
  figures(): LedgerFigures
  /** Finishes what was accepted, makes it durable and releases every resource. Later calls reject. */
  close(): Promise<void>
}

export interface LedgerErrorOptions extends ErrorOptions {
  /** Milliseconds after which another try makes sense, where that is known. */
  readonly retryAfterMs?: number
}

/** Why a ledger could not do its work; `code` is for programs, the message for people. */
export class LedgerError extends Error {
  readonly code: 'queue_full' | 'read_only' | 'in_doubt' | 'closed' | 'damaged' | 'gone'
  readonly retryAfterMs: number | undefined

  constructor(code: LedgerError['code'], message: string, options?: LedgerErrorOptions) {
    super(message, options)
    this.name = 'LedgerError'
    this.code = code
    this.retryAfterMs = options?.retryAfterMs
  }
}

/** The log no longer holds the events asked for: retention has removed them. */
export class EventsGoneError extends LedgerError {
  readonly oldestSequence: number

  constructor(fromSequence: number, oldestSequence: number) {
    super('gone', `the events from ${fromSequence} on are no longer kept: the oldest is ${oldestSequence}`)
    this.name = 'EventsGoneError'
    this.oldestSequence = oldestSequence
  }
}
