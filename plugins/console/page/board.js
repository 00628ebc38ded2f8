/** No id of a store has it in it, nor any SKU. */
const separator = '\u0000'

const before = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const orders = {
  record: (a, b) => before(a.storeId, b.storeId) || before(a.sku, b.sku),
  change: (a, b) => b.offset - a.offset || before(a.key, b.key),
  quantity: (a, b) => a.qty - b.qty || before(a.key, b.key)
}

/** The newest state of records, as far as memory is set aside for them: what changed longest ago goes first. */
export class Board {
  #records = new Map()
  #recordsMax
  /** Whether there are records that are not held. */
  isPartial = false

  constructor(recordsMax) {
    this.#recordsMax = recordsMax
  }

  get size() {
    return this.#records.size
  }

  get isFull() {
    return this.#records.size >= this.#recordsMax
  }

  get storeIds() {
    return [...new Set([...this.#records.values()].map(({ storeId }) => storeId))].sort(before)
  }

  clear() {
    this.#records.clear()
    this.isPartial = false
  }

  /** Takes an item of the central model as it is after the event at the offset, while there is room. */
  load({ sku, stores }, offset) {
    for (const [storeId, { qty, reserved, version, updatedAt }] of Object.entries(stores)) {
      if (this.isFull) {
        this.isPartial = true
        return
      }
      this.#put({ storeId, sku, qty, reserved, version, updatedAt, offset, isChanged: false })
    }
  }

  /** Takes what an event says, unless the record is known as it is after a later one. */
  apply({ offset, timestamp, storeId, productId: sku, version, data }) {
    const record = { storeId: data.storeId ?? storeId, sku, version, updatedAt: timestamp, offset }
    const key = keyOf(record)
    if (offset <= (this.#records.get(key)?.offset ?? 0)) return
    // At the end of the map, where what changed last is.
    this.#records.delete(key)
    if (data.type === 'product_deleted') return
    this.#put({ ...record, qty: data.qty, reserved: data.reserved, isChanged: true })
  }

  /** The records that have the text in store or SKU, of one store if it is named: the first ones, and how many. */
  find({ text, storeId, order, max }) {
    const sought = text.trim().toLowerCase()
    const found = [...this.#records.values()].filter(
      (record) =>
        (storeId === '' || record.storeId === storeId) &&
        (sought === '' ||
          record.sku.toLowerCase().includes(sought) ||
          record.storeId.toLowerCase().includes(sought))
    )
    return { records: found.sort(orders[order]).slice(0, max), total: found.length }
  }

  #put(record) {
    const key = keyOf(record)
    this.#records.set(key, { ...record, key })
    if (this.#records.size <= this.#recordsMax) return
    this.#records.delete(this.#records.keys().next().value)
    this.isPartial = true
  }
}

function keyOf({ storeId, sku }) {
  return storeId + separator + sku
}
