import { StockBook } from '../../domain/book.ts'
import { Draft } from '../../domain/draft.ts'
import {
  LedgerError,
  type HistoryPage,
  type HistoryQuery,
  type Ledger,
  type LedgerHealth,
  type ListQuery,
  type RecordPage
} from '../../domain/ledger.ts'
import { sequencedEvents } from '../../domain/logged-unit.ts'
import { viewAt, type RecordView } from '../../domain/record.ts'
import type { Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'
import { SequenceWaiters } from '../sequence-waiters.ts'

/**
 * A ledger that lives as long as its process: for tests and for trying things out. It keeps every promise of the
 * port but durability, and holds every event in memory.
 */
export class MemoryLedger implements Ledger {
  readonly #book = new StockBook()
  readonly #events: SequencedEvent[] = []
  readonly #waiters = new SequenceWaiters()
  #unitCount = 0
  #closed = false

  // Deciding is synchronous, so no two units can ever meet.
  async execute(unit: Unit): Promise<Outcome> {
    this.#requireOpen()
    const { outcome, logged } = new Draft(this.#book).propose(unit, `memory-${this.#unitCount + 1}`)
    if (logged === undefined) return outcome
    this.#unitCount += 1
    this.#events.push(...sequencedEvents(logged, this.#book.sequence + 1))
    this.#book.apply(logged)
    this.#waiters.advance(this.#book.sequence)
    return outcome
  }

  async get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    this.#requireOpen()
    const state = this.#book.state(storeId, sku)
    return state.version === 0 ? undefined : viewAt(state, at)
  }

  async list(query: ListQuery, at: number): Promise<RecordPage> {
    this.#requireOpen()
    return this.#book.list(query, at)
  }

  async history(query: HistoryQuery): Promise<HistoryPage | undefined> {
    this.#requireOpen()
    const { storeId, sku, before = Infinity, limit } = query
    const sequences = this.#book.history(storeId, sku, before, limit + 1)
    if (sequences === undefined) return undefined
    const events = sequences.slice(0, limit).flatMap((sequence) => this.#events[sequence - 1] ?? [])
    return { events, hasMore: sequences.length > limit }
  }

  async read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    this.#requireOpen()
    return this.#events.slice(fromSequence - 1, fromSequence - 1 + limit)
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    return this.#waiters.wait(sequence, signal)
  }

  health(): LedgerHealth {
    const status = this.#closed ? 'closed' : 'open'
    return { status, sequence: this.#book.sequence, queueDepth: 0, tornFrames: 0, voidUnits: 0 }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#waiters.close()
  }

  #requireOpen(): void {
    if (this.#closed) throw new LedgerError('closed', 'the ledger is closed')
  }
}
