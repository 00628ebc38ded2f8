import type { Ledger } from '../../../domain/ledger.ts'
import type { RecordView } from '../../../domain/record.ts'
import type { Outcome, Unit } from '../../../domain/unit.ts'
import type { Sight } from './record-history.ts'

/** Bounds in the order of the log: everything up to `from` was visible to somebody before the call. */
interface Span {
  readonly from: number
  /** What the answering ledger had come to with its answer. */
  readonly to: number
}

export interface AnswerSeen extends Span {
  readonly unit: Unit
  readonly outcome: Outcome
}

/** Records that were seen together, and so must have been so at one place in the log. */
export interface RecordsSeen extends Span {
  readonly at: number
  readonly storeId: string
  readonly records: readonly (Sight & { readonly sku: string })[]
}

export type Testimony = { readonly answer: AnswerSeen } | { readonly read: RecordsSeen }

/** Asks ledgers that share a log, and writes down what each answered and what anybody could know before. */
export class Witness {
  readonly answers: AnswerSeen[] = []
  readonly reads: RecordsSeen[] = []
  readonly #ledgers: readonly Ledger[]
  readonly #tell: (seen: Testimony) => void

  /** `tell` hears of everything as soon as it was answered. */
  constructor(ledgers: readonly Ledger[], tell: (seen: Testimony) => void = () => undefined) {
    this.#ledgers = ledgers
    this.#tell = tell
  }

  async execute(ledger: Ledger, unit: Unit): Promise<Outcome> {
    const from = this.#visible()
    const outcome = await ledger.execute(unit)
    const answer = { unit, outcome, from, to: ledger.health().sequence }
    this.answers.push(answer)
    this.#tell({ answer })
    return outcome
  }

  async get(ledger: Ledger, storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    const from = this.#visible()
    const record = await ledger.get(storeId, sku, at)
    this.#see(ledger, { from, at, storeId, records: [sightOf(sku, record)] })
    return record
  }

  /** Lists all of the SKUs named, which are all there can be. */
  async list(ledger: Ledger, storeId: string, skus: readonly string[], at: number): Promise<void> {
    const from = this.#visible()
    const { records } = await ledger.list({ storeId, limit: skus.length }, at)
    const found = skus.map((sku) =>
      sightOf(
        sku,
        records.find((record) => record.sku === sku)
      )
    )
    this.#see(ledger, { from, at, storeId, records: found })
  }

  async history(ledger: Ledger, storeId: string, sku: string): Promise<void> {
    const from = this.#visible()
    const page = await ledger.history({ storeId, sku, limit: 3 })
    const version = page?.events[0]?.event.version ?? 0
    this.#see(ledger, { from, at: 0, storeId, records: [{ sku, version }] })
  }

  /** Throws where events that were visible before the call are not read. */
  async read(ledger: Ledger): Promise<void> {
    const from = this.#visible()
    const events = await ledger.read(1, Number.MAX_SAFE_INTEGER)
    if (events.length < from) throw new Error(`${events.length} events were read where ${from} were visible`)
  }

  #see(ledger: Ledger, seen: Omit<RecordsSeen, 'to'>): void {
    // A ledger need not wait for a write of its own to other records, though others have seen that already.
    const read = { ...seen, to: Math.max(seen.from, ledger.health().sequence) }
    this.reads.push(read)
    this.#tell({ read })
  }

  #visible(): number {
    return Math.max(...this.#ledgers.map((ledger) => ledger.health().sequence))
  }
}

function sightOf(sku: string, record: RecordView | undefined): RecordsSeen['records'][number] {
  if (record === undefined) return { sku, version: 0 }
  const { qty, reserved, version } = record
  return { sku, qty, reserved, version }
}
