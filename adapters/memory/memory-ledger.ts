import { StockBook } from '../../domain/book.ts'
import { Draft } from '../../domain/draft.ts'
import {
  EventsGoneError,
  LedgerError,
  type HistoryPage,
  type HistoryQuery,
  type Ledger,
  type LedgerFigures,
  type LedgerHealth,
  type LedgerObserver,
  type ListQuery,
  type RecordPage
} from '../../domain/ledger.ts'
import { expiredIn, sequencedEvents } from '../../domain/logged-unit.ts'
import { exists, viewAt, type RecordView } from '../../domain/record.ts'
import type { DueRecord } from '../../domain/reservation-index.ts'
import type { ReservationPage, ReservationQuery, ReservationReading } from '../../domain/reservation-pages.ts'
import type { Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'
import { SequenceWaiters } from '../sequence-waiters.ts'
import { proposeTraced } from '../traced-steps.ts'

export interface MemoryLedgerOptions {
  /** How many of the newest events are kept; all where it is left out. */
  readonly eventsKeptMax?: number
  readonly observer?: LedgerObserver | undefined
}

/**
 * A ledger that lives as long as its process: for tests and for trying things out. It keeps every promise of the
 * port but durability, and holds its events in memory.
 */
export class MemoryLedger implements Ledger {
  readonly #book = new StockBook()
  readonly #eventsKeptMax: number
  readonly #observer: LedgerObserver | undefined
  /** The newest events; those that are no longer kept go many at a time. */
  readonly #events: SequencedEvent[] = []
  readonly #waiters = new SequenceWaiters()
  #unitCount = 0
  #closed = false

  constructor({ eventsKeptMax = Infinity, observer }: MemoryLedgerOptions = {}) {
    this.#eventsKeptMax = eventsKeptMax
    this.#observer = observer
  }

  // Deciding is synchronous, so no two units can ever meet.
  async execute(unit: Unit): Promise<Outcome> {
    this.#requireOpen()
    const draft = new Draft(this.#book)
    const unitId = `memory-${this.#unitCount + 1}`
    const { trace } = unit
    const { outcome, logged, effect } =
      trace === undefined
        ? draft.propose(unit, unitId)
        : proposeTraced(trace, draft, unit, unitId, performance.now())
    if (logged === undefined) return outcome
    this.#unitCount += 1
    for (const event of sequencedEvents(logged, this.#book.sequence + 1)) this.#events.push(event)
    if (this.#events.length > this.#eventsKeptMax * 2) {
      this.#events.splice(0, this.#events.length - this.#eventsKeptMax)
    }
    this.#book.apply(logged, effect)
    this.#waiters.advance(this.#book.sequence)
    this.#observer?.batchWritten({ units: 1, events: logged.events.length, expired: expiredIn(logged) })
    return outcome
  }

  async get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    this.#requireOpen()
    const state = this.#book.state(storeId, sku)
    return exists(state) ? viewAt(state, at) : undefined
  }

  async list(query: ListQuery, at: number): Promise<RecordPage> {
    this.#requireOpen()
    return this.#book.list(query, at)
  }

  async reservation(
    storeId: string,
    sku: string,
    id: string,
    at: number
  ): Promise<ReservationReading | undefined> {
    this.#requireOpen()
    return this.#book.reservation(storeId, sku, id, at)
  }

  async reservations(query: ReservationQuery, at: number): Promise<ReservationPage | undefined> {
    this.#requireOpen()
    return this.#book.reservations(query, at)
  }

  async due(at: number, limit: number): Promise<readonly DueRecord[]> {
    this.#requireOpen()
    return this.#book.due(at, limit)
  }

  async history(query: HistoryQuery): Promise<HistoryPage | undefined> {
    this.#requireOpen()
    const { storeId, sku, before = Infinity, limit } = query
    const sequences = this.#book.history(storeId, sku, before, limit + 1)
    if (sequences === undefined) return undefined
    const kept = sequences.filter((sequence) => sequence >= this.#oldestSequence)
    const events = kept.slice(0, limit).flatMap((sequence) => this.#eventsFrom(sequence, 1))
    return { events, hasMore: kept.length > limit }
  }

  async read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    this.#requireOpen()
    if (fromSequence < this.#oldestSequence) throw new EventsGoneError(fromSequence, this.#oldestSequence)
    return this.#eventsFrom(fromSequence, limit)
  }

  readPrintable(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    return this.read(fromSequence, limit)
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    return this.#waiters.wait(sequence, signal)
  }

  health(): LedgerHealth {
    const status = this.#closed ? 'closed' : 'open'
    const { sequence } = this.#book
    const oldestSequence = this.#oldestSequence
    return { status, sequence, oldestSequence, queueDepth: 0, tornFrames: 0, voidUnits: 0 }
  }

  figures(): LedgerFigures {
    const { recordCount: records, openReservations, answers } = this.#book
    return { records, openReservations, rememberedKeys: answers.size }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#waiters.close()
  }

  get #oldestSequence(): number {
    return Math.max(1, this.#book.sequence - this.#eventsKeptMax + 1)
  }

  #eventsFrom(sequence: number, limit: number): SequencedEvent[] {
    const start = this.#events.length - this.#book.sequence + sequence - 1
    return this.#events.slice(start, start + limit)
  }

  #requireOpen(): void {
    if (this.#closed) throw new LedgerError('closed', 'the ledger is closed')
  }
}
