import { ownText } from './own-text.ts'

/** One record of the central model; of a deleted product only the version counts on. */
export interface CentralRecord {
  storeId: string
  sku: string
  qty: number
  reserved: number
  version: number
  /** Milliseconds since the epoch. */
  updatedAt: number
  deleted: boolean
}

/**
 * The records of the central model by SKU, those of a SKU in the order of their stores: most SKUs are in few stores, and
 * a list costs a fraction of what a table does.
 */
export class CentralRecords {
  readonly #bySku = new Map<string, CentralRecord[]>()
  /** One text for each store, however many records name it. */
  readonly #storeIds = new Map<string, string>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The record, which is not to be changed but by `set`. */
  find(storeId: string, sku: string): Readonly<CentralRecord> | undefined {
    const records = this.#bySku.get(sku)
    const record = records?.[placeOf(records, storeId)]
    return record?.storeId === storeId ? record : undefined
  }

  /** Puts the record in the place of what was there. It belongs to the table from then on. */
  set(record: CentralRecord): void {
    const records = this.#bySku.get(record.sku)
    if (records === undefined) {
      record.sku = ownText(record.sku)
      this.#bySku.set(record.sku, [this.#interned(record)])
      this.#count += 1
      return
    }
    const place = placeOf(records, record.storeId)
    const present = records[place]
    if (present?.storeId === record.storeId) {
      Object.assign(present, record, { storeId: present.storeId, sku: present.sku })
      return
    }
    records.splice(place, 0, this.#interned({ ...record, sku: records[0]?.sku ?? record.sku }))
    this.#count += 1
  }

  ofSku(sku: string): readonly Readonly<CentralRecord>[] {
    return this.#bySku.get(sku) ?? []
  }

  skus(): Iterable<string> {
    return this.#bySku.keys()
  }

  /** Each record, those of a SKU together. */
  *all(): Generator<Readonly<CentralRecord>> {
    for (const records of this.#bySku.values()) yield* records
  }

  #interned(record: CentralRecord): CentralRecord {
    const known = this.#storeIds.get(record.storeId)
    record.storeId = known ?? ownText(record.storeId)
    if (known === undefined) this.#storeIds.set(record.storeId, record.storeId)
    return record
  }
}

/** Where the store's record is, or would be. */
function placeOf(records: readonly CentralRecord[], storeId: string): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((records[middle]?.storeId ?? '') < storeId) low = middle + 1
    else high = middle
  }
  return low
}
