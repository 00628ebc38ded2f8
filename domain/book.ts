import sortedTree from 'sorted-btree'
import { AnswerMemory } from './answer-memory.ts'
import type { StockEvent } from './events.ts'
import { evolve, ImpossibleEventError } from './evolution.ts'
import type { ListQuery, RecordPage } from './ledger.ts'
import type { LoggedUnit } from './logged-unit.ts'
import { initial, viewAt, type RecordState } from './record.ts'
import { SequenceChain } from './sequence-chain.ts'

const SortedTree = sortedTree.default

interface Slot {
  state: RecordState
  lastSequence: number
}

interface Store {
  readonly id: string
  readonly slots: Map<string, Slot>
  /** The SKUs in order; made when first listed, kept from then on. */
  order: InstanceType<typeof SortedTree<string, undefined>> | undefined
}

/**
 * The state of a whole ledger after a number of units, held in memory: every record, the remembered answers,
 * and for each event the one before it on the same record. Only valid units are applied, in the order of the log.
 */
export class StockBook {
  readonly answers = new AnswerMemory()
  readonly #stores = new Map<string, Store>()
  readonly #chain = new SequenceChain()
  #recordCount = 0
  #latest: Slot | undefined

  /** The number of events applied. */
  get sequence(): number {
    return this.#chain.last
  }

  get recordCount(): number {
    return this.#recordCount
  }

  /** The record's state; that of a record without events where it does not exist. */
  state(storeId: string, sku: string): RecordState {
    return this.#stores.get(storeId)?.slots.get(sku)?.state ?? initial(storeId, sku)
  }

  /** The unit that last changed the record, the empty string for none. */
  lastUnit(storeId: string, sku: string): string {
    return this.#slot(storeId, sku)?.state.lastUnit ?? ''
  }

  /**
   * Lets a valid unit take effect and returns the sequence of its last event.
   * Throws ImpossibleEventError, with nothing applied of that event or those after it, where the log is wrong.
   */
  apply(unit: LoggedUnit): number {
    for (const event of unit.events) {
      // A unit takes effect only where its bases hold, so an event without one is the first of its record.
      const slot = event.base === '' ? undefined : this.#slot(event.storeId, event.sku)
      if (slot === undefined) {
        this.#insert(event, unit)
      } else {
        slot.state = evolve(slot.state, event, unit.id, unit.at)
        slot.lastSequence = this.#chain.append(slot.lastSequence)
      }
    }
    this.answers.apply(unit)
    return this.sequence
  }

  /** A page of the store's records as they are at `at`, in the order of their SKUs. */
  list(query: ListQuery, at: number): RecordPage {
    const store = this.#stores.get(query.storeId)
    if (store === undefined) return { records: [], hasMore: false }
    const records = []
    const order = orderOf(store)
    let entry =
      query.after === undefined ? order.nextHigherPair(undefined) : order.nextHigherPair(query.after)
    while (entry !== undefined && records.length < query.limit) {
      const slot = store.slots.get(entry[0])
      if (slot !== undefined) records.push(viewAt(slot.state, at))
      entry = order.nextHigherPair(entry[0], entry)
    }
    return { records, hasMore: entry !== undefined }
  }

  /**
   * The sequences of the record's events, newest first, at most `limit` of those below `before`;
   * undefined where the record does not exist.
   */
  history(storeId: string, sku: string, before: number, limit: number): number[] | undefined {
    const slot = this.#slot(storeId, sku)
    if (slot === undefined) return undefined
    return this.#chain.walk(slot.lastSequence, before, limit)
  }

  /** A record is nearly always looked up several times in a row: to judge a unit, and to let it take effect. */
  #slot(storeId: string, sku: string): Slot | undefined {
    const latest = this.#latest
    if (latest?.state.sku === sku && latest.state.storeId === storeId) return latest
    const slot = this.#stores.get(storeId)?.slots.get(sku)
    if (slot !== undefined) this.#latest = slot
    return slot
  }

  #insert(event: StockEvent, unit: LoggedUnit): void {
    let store = this.#stores.get(event.storeId)
    if (store === undefined) {
      store = { id: event.storeId, slots: new Map(), order: undefined }
      this.#stores.set(event.storeId, store)
    }
    // Begun with the store's own text for its id, of which there is one however many records it has.
    const state = evolve(initial(store.id, event.sku), event, unit.id, unit.at)
    const recordsBefore = store.slots.size
    store.slots.set(state.sku, { state, lastSequence: this.#chain.append(0) })
    if (store.slots.size === recordsBefore) throw new ImpossibleEventError('the record exists already', event)
    store.order?.set(state.sku, undefined)
    this.#recordCount += 1
  }
}

function orderOf(store: Store): NonNullable<Store['order']> {
  if (store.order === undefined) {
    const skus = [...store.slots.keys()].sort(byCodeUnits)
    store.order = new SortedTree<string, undefined>(
      skus.map((sku): [string, undefined] => [sku, undefined]),
      byCodeUnits
    )
  }
  return store.order
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
