import sortedTree from 'sorted-btree'
import { byCodeUnits } from './code-units.ts'
import type { ListQuery } from './ledger.ts'
import { ownText } from './own-text.ts'
import { exists, viewAt, type RecordState, type RecordView } from './record.ts'
import {
  FrozenRecords,
  RecordColumnsBuilder,
  ROWS_MAX,
  type CapturedRecord,
  type RecordColumns
} from './record-columns.ts'
import { ReservationIndex, type DueRecord } from './reservation-index.ts'
import { isOf, slotOf, type Slot } from './slot.ts'

const SortedTree = sortedTree.default

interface Store {
  readonly id: string
  /** A number stands for a record that was restored and not asked for yet: its block and its row in it. */
  readonly slots: Map<string, Slot | number>
  /** The SKUs in order, without those of deleted products; made when first listed, kept from then on. */
  order: InstanceType<typeof SortedTree<string, undefined>> | undefined
}

/** The records at the moment of a capture, as far as they have changed since. */
interface Capture {
  readonly sequence: number
  readonly before: Map<CapturedRecord, CapturedRecord>
}

export interface SlotsCapture {
  /** To be drawn once, block by block, whatever happens to the records in the meantime. */
  readonly columns: Iterable<RecordColumns>
  /** To be called when no more is drawn: until then each change keeps what was there before. */
  readonly release: () => void
}

/** Every record of a book by store and SKU. */
export class RecordSlots {
  readonly #stores = new Map<string, Store>()
  readonly #frozen: FrozenRecords[] = []
  readonly #captures = new Set<Capture>()
  readonly #reservations = new ReservationIndex()
  #count = 0
  #reservationsMore = 0
  #reservationsRestored: number | undefined
  #latest: Slot | undefined

  get count(): number {
    return this.#count
  }

  /** How many reservations no event has ended. */
  get openReservations(): number {
    // Counted when first asked for: what was restored is unpacked for it, and a start has better things to do.
    this.#reservationsRestored ??= this.#frozen.reduce((sum, frozen) => sum + frozen.openReservations, 0)
    return this.#reservationsRestored + this.#reservationsMore
  }

  /**
   * The records of a batch are looked up in the same order to decide its lines, to judge them and to let them take effect,
   * and in the next batch again, so the one that is asked for is tried first that followed the last one before.
   */
  find(storeId: string, sku: string): Slot | undefined {
    const latest = this.#latest
    if (latest !== undefined && isOf(latest, storeId, sku)) return latest
    const next = latest?.next
    if (next !== undefined && isOf(next, storeId, sku)) {
      this.#latest = next
      return next
    }
    const store = this.#stores.get(storeId)
    const slot = store && this.#slot(store, sku)
    if (slot === undefined) return undefined
    if (latest !== undefined) latest.next = slot
    this.#latest = slot
    return slot
  }

  /** The one text for the id of a store, of which there is no other however many records the store has. */
  textOfStore(storeId: string): string {
    return this.#store(storeId).id
  }

  /**
   * Adds a record that is not there yet. False where it is, and then the book is of no more use: looking first would
   * cost every new record a search.
   */
  insert(state: RecordState, lastSequence: number): boolean {
    const { slots, order } = this.#store(state.storeId)
    const recordsBefore = slots.size
    slots.set(state.sku, slotOf({ state, lastSequence }))
    if (slots.size === recordsBefore) return false
    if (exists(state)) order?.set(state.sku, undefined)
    this.#count += 1
    return true
  }

  update(slot: Slot, state: RecordState, lastSequence: number): void {
    for (const { sequence, before } of this.#captures) {
      if (slot.lastSequence <= sequence)
        before.set(slot, { state: slot.state, lastSequence: slot.lastSequence })
    }
    if (slot.state.open !== state.open) this.#reservations.change(slot.state, state)
    const was = exists(slot.state)
    this.#reservationsMore += (state.open?.byId.size ?? 0) - (slot.state.open?.byId.size ?? 0)
    slot.state = state
    slot.lastSequence = lastSequence
    if (was === exists(state)) return
    const order = this.#stores.get(state.storeId)?.order
    if (was) order?.delete(state.sku)
    else order?.set(state.sku, undefined)
  }

  /** The ids of the stores that have or had records, in the order of their code units. */
  stores(): string[] {
    return [...this.#stores.keys()].sort(byCodeUnits)
  }

  /** A page of the store's records as they are at `at`, in the order of their SKUs. */
  list({ storeId, after, limit }: ListQuery, at: number): { records: RecordView[]; hasMore: boolean } {
    const store = this.#stores.get(storeId)
    if (store === undefined) return { records: [], hasMore: false }
    const records = []
    const order = this.#orderOf(store)
    let entry = after === undefined ? order.nextHigherPair(undefined) : order.nextHigherPair(after)
    while (entry !== undefined && records.length < limit) {
      const slot = this.#slot(store, entry[0])
      if (slot !== undefined) records.push(viewAt(slot.state, at))
      entry = order.nextHigherPair(entry[0], entry)
    }
    return { records, hasMore: entry !== undefined }
  }

  /** The store's records with open reservations in the order of their SKUs, from this one on. */
  *holders(storeId: string, from: string | undefined): Generator<RecordState> {
    const store = this.#stores.get(storeId)
    if (store === undefined) return
    const order = this.#reservations.holders(storeId, () => this.#withReservations(store))
    for (const sku of order.keys(from)) {
      const slot = this.#slot(store, sku)
      if (slot !== undefined) yield slot.state
    }
  }

  /** At most `limit` records with reservations whose time has passed at `at`, the first to expire first. */
  due(at: number, limit: number): DueRecord[] {
    return this.#reservations.due(at, limit, () => this.#allWithReservations())
  }

  /** The records as they are now, after the event `sequence`. */
  capture(sequence: number): SlotsCapture {
    const capture: Capture = { sequence, before: new Map() }
    this.#captures.add(capture)
    return { columns: this.#columnsOf(capture), release: () => this.#captures.delete(capture) }
  }

  static restore(blocks: Iterable<RecordColumns>): RecordSlots {
    const restored = new RecordSlots()
    for (const columns of blocks) {
      let row = restored.#frozen.length * ROWS_MAX
      let next = 0
      restored.#frozen.push(new FrozenRecords(columns))
      for (const [storeId, count] of columns.runs) {
        const { slots } = restored.#store(storeId)
        for (const end = next + count; next < end; next += 1) slots.set(columns.skus[next] ?? '', row++)
      }
      restored.#count += next
    }
    return restored
  }

  #slot(store: Store, sku: string): Slot | undefined {
    const found = store.slots.get(sku)
    if (typeof found !== 'number') return found
    const slot = slotOf(this.#thaw(store, found))
    store.slots.set(slot.state.sku, slot)
    return slot
  }

  #thaw(store: Store, row: number): CapturedRecord {
    const frozen = this.#frozen[Math.floor(row / ROWS_MAX)]
    if (frozen === undefined) throw new RangeError(`there is no row ${row}`)
    return frozen.record(row % ROWS_MAX, store.id)
  }

  #store(storeId: string): Store {
    let store = this.#stores.get(storeId)
    if (store === undefined) {
      store = { id: ownText(storeId), slots: new Map(), order: undefined }
      this.#stores.set(store.id, store)
    }
    return store
  }

  *#allWithReservations(): Generator<RecordState> {
    for (const store of this.#stores.values()) yield* this.#withReservations(store)
  }

  /** What was not asked for yet is not kept for this either. */
  *#withReservations(store: Store): Generator<RecordState> {
    for (const found of store.slots.values()) {
      if (typeof found !== 'number') {
        if (found.state.open !== undefined) yield found.state
      } else if (this.#frozen[Math.floor(found / ROWS_MAX)]?.hasReservations(found % ROWS_MAX) === true) {
        yield this.#thaw(store, found).state
      }
    }
  }

  *#columnsOf({ sequence, before }: Capture): Generator<RecordColumns> {
    const builder = new RecordColumnsBuilder()
    // A Map that grows or is changed while it is walked shows each of its entries once.
    for (const store of this.#stores.values()) {
      for (const found of store.slots.values()) {
        const slot = typeof found === 'number' ? this.#thaw(store, found) : found
        const record = slot.lastSequence <= sequence ? slot : before.get(slot)
        if (record === undefined) continue
        builder.add(record)
        if (builder.isFull) yield builder.take()
      }
    }
    if (!builder.isEmpty) yield builder.take()
  }

  #orderOf(store: Store): NonNullable<Store['order']> {
    if (store.order === undefined) {
      const skus: string[] = []
      for (const [sku, found] of store.slots) if (this.#exists(found)) skus.push(sku)
      store.order = new SortedTree<string, undefined>(
        skus.sort(byCodeUnits).map((sku): [string, undefined] => [sku, undefined]),
        byCodeUnits
      )
    }
    return store.order
  }

  #exists(found: Slot | number): boolean {
    if (typeof found !== 'number') return exists(found.state)
    return this.#frozen[Math.floor(found / ROWS_MAX)]?.exists(found % ROWS_MAX) === true
  }
}
