import type { CapturedRecord } from './record-columns.ts'
import type { RecordState } from './record.ts'

/** The place of one record: its state, and the sequence of its newest event. */
export interface Slot extends CapturedRecord {
  state: RecordState
  lastSequence: number
  /** The one that was asked for after it the last time. */
  next: Slot | undefined
  /** Its place among the records of the draft that has changed it last. */
  drafted: number
}

export function slotOf({ state, lastSequence }: CapturedRecord): Slot {
  return { state, lastSequence, next: undefined, drafted: 0 }
}

/** Whether it is the place of this record. */
export function isOf({ state }: Slot, storeId: string, sku: string): boolean {
  const own = state.sku
  // SKUs in a row differ at their ends, mostly, which is sooner seen than that they differ somewhere.
  if (own.charCodeAt(own.length - 1) !== sku.charCodeAt(sku.length - 1)) return false
  return own === sku && state.storeId === storeId
}
