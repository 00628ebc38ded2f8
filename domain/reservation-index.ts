import sortedTree from 'sorted-btree'
import { byCodeUnits } from './code-units.ts'
import type { RecordState } from './record.ts'

const SortedTree = sortedTree.default

type Expiry = readonly [soonestExpiry: number, storeId: string, sku: string]
type Schedule = InstanceType<typeof SortedTree<Expiry, undefined>>
export type SkuOrder = InstanceType<typeof SortedTree<string, undefined>>

/** A record with open reservations, and when the first of them expires, in milliseconds since the epoch. */
export interface DueRecord {
  readonly storeId: string
  readonly sku: string
  readonly expiresAt: number
}

/**
 * Which records have open reservations, in the order of their SKUs and in the order in which the first of theirs expires.
 * Either order is made when it is first asked for and kept from then on, so that who never asks pays for none.
 */
export class ReservationIndex {
  readonly #holders = new Map<string, SkuOrder>()
  #schedule: Schedule | undefined

  /** The record has come from one state to another, with other reservations. */
  change(before: RecordState, after: RecordState): void {
    const { storeId, sku } = after
    if ((before.open === undefined) !== (after.open === undefined)) {
      const holders = this.#holders.get(storeId)
      if (after.open === undefined) holders?.delete(sku)
      else holders?.set(sku, undefined)
    }
    if (this.#schedule === undefined) return
    const [was, is] = [soonestExpiry(before), soonestExpiry(after)]
    if (was === is) return
    if (was < Infinity) this.#schedule.delete([was, storeId, sku])
    if (is < Infinity) this.#schedule.set([is, storeId, sku], undefined)
  }

  /** The SKUs of the store with open reservations; `all` are its records that have some, in any order. */
  holders(storeId: string, all: () => Iterable<RecordState>): SkuOrder {
    let holders = this.#holders.get(storeId)
    if (holders === undefined) {
      holders = new SortedTree<string, undefined>([], byCodeUnits)
      for (const { sku } of all()) holders.set(sku, undefined)
      this.#holders.set(storeId, holders)
    }
    return holders
  }

  /**
   * At most `limit` records with reservations whose time has passed at `at`, the first to expire first; at Infinity all
   * that ever expire. `all` are those with any, in any order.
   */
  due(at: number, limit: number, all: () => Iterable<RecordState>): DueRecord[] {
    if (this.#schedule === undefined) {
      this.#schedule = new SortedTree<Expiry, undefined>([], byExpiry)
      for (const state of all()) {
        const soonest = soonestExpiry(state)
        if (soonest < Infinity) this.#schedule.set([soonest, state.storeId, state.sku], undefined)
      }
    }
    const due: DueRecord[] = []
    for (const [expiresAt, storeId, sku] of this.#schedule.keys()) {
      if (expiresAt > at || due.length === limit) break
      due.push({ storeId, sku, expiresAt })
    }
    return due
  }
}

function soonestExpiry({ open }: RecordState): number {
  return open?.soonestExpiry ?? Infinity
}

function byExpiry([instant, store, sku]: Expiry, [otherInstant, otherStore, otherSku]: Expiry): number {
  return instant - otherInstant || byCodeUnits(store, otherStore) || byCodeUnits(sku, otherSku)
}
