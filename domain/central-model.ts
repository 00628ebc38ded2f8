import sortedTree from 'sorted-btree'
import { byCodeUnits } from './code-units.ts'
import { CentralRecords, type CentralRecord } from './central-records.ts'
import { reservedChange } from './evolution.ts'
import { recordKey } from './record-key.ts'
import type { SequencedEvent } from './unit.ts'

const SortedTree = sortedTree.default

/** The stock of one SKU in one store, as the central model shows it. */
export interface StoreStock {
  readonly qty: number
  readonly reserved: number
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** The stock of one SKU in all stores that have it, in the order of their ids. */
export interface CentralStock {
  readonly sku: string
  readonly stores: readonly (readonly [storeId: string, stock: StoreStock])[]
  /** The units that can be promised in all stores together: the sum of their `qty`. */
  readonly total: number
}

/** A record some of whose events the model had to leave out, until a later one says again what it holds. */
export interface OutOfStep {
  readonly storeId: string
  readonly sku: string
  /** The sequence of the newest event that was left out. */
  readonly lost: number
  /** Events up to this sequence cannot be made up for any more: what the record shows came later. */
  readonly settled: number
}

/** A model at one moment, to be kept and restored. */
export interface CentralModelParts {
  readonly sequence: number
  readonly records: Iterable<CentralRecord>
  readonly outOfStep: Iterable<OutOfStep>
}

/** Why the model refuses an event. `sequence`: the reader left some out; the others: the event itself does not follow. */
export class CentralModelError extends Error {
  override readonly name = 'CentralModelError'
  readonly code: 'sequence' | 'version' | 'quantity' | 'existence'
  readonly sequence: number

  constructor(code: CentralModelError['code'], { sequence, event }: SequencedEvent, why: string) {
    super(`event ${sequence} (${event.type} on ${JSON.stringify([event.storeId, event.sku])}): ${why}`)
    this.code = code
    this.sequence = sequence
  }
}

/**
 * Per SKU the stock of each store, after the events of a ledger up to a sequence. It checks each event against what it
 * has without any help of the ledger's own state, so that the two can be held against each other.
 */
export class CentralModel {
  readonly #records = new CentralRecords()
  readonly #outOfStep = new Map<string, OutOfStep>()
  /** The SKUs that some store has, in order; made when first listed. */
  #order: InstanceType<typeof SortedTree<string, undefined>> | undefined
  #sequence = 0

  /** The model of the parts, or an empty one. */
  constructor(parts?: CentralModelParts) {
    if (parts === undefined) return
    this.#sequence = parts.sequence
    for (const record of parts.records) this.#records.set({ ...record })
    for (const mark of parts.outOfStep) this.#outOfStep.set(recordKey(mark.storeId, mark.sku), mark)
  }

  /** That of the newest event that the model has taken. */
  get sequence(): number {
    return this.#sequence
  }

  /** Records of all stores, those of deleted products too. */
  get recordCount(): number {
    return this.#records.count
  }

  /** The records whose quantities are not vouched for. */
  get outOfStep(): readonly OutOfStep[] {
    return [...this.#outOfStep.values()]
  }

  /** All records, those of deleted products too: of them only the version counts on. Do not change the model meanwhile. */
  records(): Iterable<Readonly<CentralRecord>> {
    return this.#records.all()
  }

  /** Takes the next event of the log. Throws a CentralModelError, with nothing changed, for one that does not follow. */
  apply(next: SequencedEvent): void {
    this.#requireNext(next)
    const { storeId, sku } = next.event
    const key = this.#outOfStep.size === 0 ? '' : recordKey(storeId, sku)
    const isOutOfStep = key !== '' && this.#outOfStep.has(key)
    const before = this.#records.find(storeId, sku)
    requireQuantities(next, before)
    if (isOutOfStep) requireLater(next, before)
    else requireContinuation(next, before)
    this.#put(next)
    this.#sequence = next.sequence
    if (isOutOfStep) this.#outOfStep.delete(key)
  }

  /**
   * Leaves the next event of the log out: its record is out of step from here on, until an event that comes after it in
   * the log is applied, whose quantities hold whatever was before. Throws a CentralModelError where it is not the next one.
   */
  leaveOut(next: SequencedEvent): void {
    this.#requireNext(next)
    const { storeId, sku } = next.event
    const settled = this.#outOfStep.get(recordKey(storeId, sku))?.settled ?? this.#sequence
    this.#outOfStep.set(recordKey(storeId, sku), { storeId, sku, lost: next.sequence, settled })
    this.#sequence = next.sequence
  }

  /**
   * Lets an event take effect that was left out. `superseded`: the record has gone on, nothing is changed. Throws a
   * CentralModelError, with nothing changed, where it cannot take effect.
   */
  makeUpFor(past: SequencedEvent): 'applied' | 'superseded' {
    const { storeId, sku } = past.event
    const key = recordKey(storeId, sku)
    const mark = this.#outOfStep.get(key)
    if (mark === undefined || past.sequence <= mark.settled || past.sequence > mark.lost) return 'superseded'
    const before = this.#records.find(storeId, sku)
    requireQuantities(past, before)
    requireLater(past, before)
    this.#put(past)
    if (past.sequence === mark.lost) this.#outOfStep.delete(key)
    else this.#outOfStep.set(key, { ...mark, settled: past.sequence })
    return 'applied'
  }

  /** The SKU in all stores; undefined where none has it. */
  get(sku: string): CentralStock | undefined {
    const stores = this.#records
      .ofSku(sku)
      .filter(({ deleted }) => !deleted)
      .map(({ storeId, qty, reserved, version, updatedAt }) => {
        return [storeId, { qty, reserved, version, updatedAt }] as const
      })
    if (stores.length === 0) return undefined
    return { sku, stores, total: stores.reduce((sum, [, { qty }]) => sum + qty, 0) }
  }

  /** At most `limit` SKUs after this one, in the order of UTF-16 code units. */
  list(
    after: string | undefined,
    limit: number
  ): { readonly items: CentralStock[]; readonly hasMore: boolean } {
    const order = this.#orderOfSkus()
    const items: CentralStock[] = []
    let entry = order.nextHigherPair(after)
    while (entry !== undefined && items.length < limit) {
      const stock = this.get(entry[0])
      if (stock !== undefined) items.push(stock)
      entry = order.nextHigherPair(entry[0], entry)
    }
    return { items, hasMore: entry !== undefined }
  }

  #requireNext(next: SequencedEvent): void {
    if (next.sequence === this.#sequence + 1) return
    throw new CentralModelError('sequence', next, `it does not follow event ${this.#sequence}`)
  }

  #put({ event, at }: SequencedEvent): void {
    const { storeId, sku, qty, reserved, version } = event
    const deleted = event.type === 'product_deleted'
    this.#records.set({ storeId, sku, qty, reserved, version, updatedAt: at, deleted })
    if (this.#order === undefined) return
    if (!deleted) this.#order.set(sku, undefined)
    else if (this.get(sku) === undefined) this.#order.delete(sku)
  }

  #orderOfSkus(): InstanceType<typeof SortedTree<string, undefined>> {
    if (this.#order === undefined) {
      const skus = [...this.#records.skus()].filter((sku) => this.get(sku) !== undefined).sort(byCodeUnits)
      this.#order = new SortedTree<string, undefined>(
        skus.map((sku): [string, undefined] => [sku, undefined]),
        byCodeUnits
      )
    }
    return this.#order
  }
}

/** What no event may say, whatever was before it. */
function requireQuantities(next: SequencedEvent, before: CentralRecord | undefined): void {
  const { event } = next
  if (
    ![event.qty, event.reserved, event.version].every((value) => Number.isSafeInteger(value) && value >= 0)
  ) {
    throw new CentralModelError('quantity', next, 'a quantity or the version is no whole number from 0')
  }
  if (event.type === 'product_deleted' && event.qty + event.reserved > 0) {
    throw new CentralModelError('quantity', next, 'units are left of a deleted product')
  }
  if (before?.deleted === true && event.type !== 'product_created' && event.version === before.version + 1) {
    throw new CentralModelError('existence', next, 'the product was deleted')
  }
}

function requireLater(next: SequencedEvent, before: CentralRecord | undefined): void {
  const version = before?.version ?? 0
  if (next.event.version > version) return
  throw new CentralModelError('version', next, `version ${next.event.version} does not come after ${version}`)
}

function requireContinuation(next: SequencedEvent, before: CentralRecord | undefined): void {
  const { event } = next
  const { qty, reserved, version } = before ?? { qty: 0, reserved: 0, version: 0 }
  if (event.version !== version + 1) {
    throw new CentralModelError('version', next, `version ${event.version} does not follow ${version}`)
  }
  if (event.qty !== qty + event.delta || event.reserved !== reserved + reservedChange(event)) {
    const after = `${event.qty} and ${event.reserved} reserved`
    throw new CentralModelError('quantity', next, `${after} do not follow ${qty} and ${reserved}`)
  }
}
