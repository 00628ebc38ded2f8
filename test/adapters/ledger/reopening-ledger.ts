import type {
  HistoryPage,
  HistoryQuery,
  Ledger,
  LedgerFigures,
  LedgerHealth,
  ListQuery,
  RecordPage
} from '../../../domain/ledger.ts'
import type { RecordView } from '../../../domain/record.ts'
import type { DueRecord } from '../../../domain/reservation-index.ts'
import type {
  ReservationPage,
  ReservationQuery,
  ReservationReading
} from '../../../domain/reservation-pages.ts'
import type { Outcome, SequencedEvent, Unit } from '../../../domain/unit.ts'
import type { PrintableEvent } from '../../../domain/written-adjustment.ts'

/**
 * A ledger that is closed and opened again before each call that comes alone, as by a service that is restarted
 * between all its requests. Calls that overlap go to the same ledger.
 */
export class ReopeningLedger implements Ledger {
  readonly #open: () => Promise<Ledger>
  #ledger: Ledger
  #callsUnderWay = 0
  #reopening: Promise<void> | undefined
  #closing: Promise<void> | undefined

  static async create(open: () => Promise<Ledger>): Promise<ReopeningLedger> {
    return new ReopeningLedger(open, await open())
  }

  private constructor(open: () => Promise<Ledger>, ledger: Ledger) {
    this.#open = open
    this.#ledger = ledger
  }

  execute(unit: Unit): Promise<Outcome> {
    return this.#call((ledger) => ledger.execute(unit))
  }

  get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    return this.#call((ledger) => ledger.get(storeId, sku, at))
  }

  list(query: ListQuery, at: number): Promise<RecordPage> {
    return this.#call((ledger) => ledger.list(query, at))
  }

  reservation(storeId: string, sku: string, id: string, at: number): Promise<ReservationReading | undefined> {
    return this.#call((ledger) => ledger.reservation(storeId, sku, id, at))
  }

  reservations(query: ReservationQuery, at: number): Promise<ReservationPage | undefined> {
    return this.#call((ledger) => ledger.reservations(query, at))
  }

  due(at: number, limit: number): Promise<readonly DueRecord[]> {
    return this.#call((ledger) => ledger.due(at, limit))
  }

  history(query: HistoryQuery): Promise<HistoryPage | undefined> {
    return this.#call((ledger) => ledger.history(query))
  }

  read(fromSequence: number, limit: number): Promise<readonly SequencedEvent[]> {
    return this.#call((ledger) => ledger.read(fromSequence, limit))
  }

  readPrintable(fromSequence: number, limit: number): Promise<readonly PrintableEvent[]> {
    return this.#call((ledger) => ledger.readPrintable(fromSequence, limit))
  }

  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    return this.#call((ledger) => ledger.waitFor(sequence, signal))
  }

  health(): LedgerHealth {
    return this.#ledger.health()
  }

  figures(): LedgerFigures {
    return this.#ledger.figures()
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#reopening
      await this.#ledger.close()
    })()
    return this.#closing
  }

  async #call<Value>(of: (ledger: Ledger) => Promise<Value>): Promise<Value> {
    this.#callsUnderWay += 1
    try {
      if (this.#callsUnderWay === 1 && this.#closing === undefined) this.#reopening = this.#reopen()
      await this.#reopening
      return await of(this.#ledger)
    } finally {
      this.#callsUnderWay -= 1
    }
  }

  async #reopen(): Promise<void> {
    await this.#ledger.close()
    this.#ledger = await this.#open()
  }
}
