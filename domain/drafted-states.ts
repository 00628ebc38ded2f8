import type { StockBook } from './book.ts'
import { recordKey } from './record-key.ts'
import { initial, type RecordState } from './record.ts'
import type { Slot } from './slot.ts'
import type { Work } from './unit-work.ts'

/** The records that a draft changes, as it leaves them. */
export class DraftedStates {
  readonly #book: StockBook
  /**
   * Those that the book has, each with its state: a sparse set (Briggs and Torczon, 1993) whose other half stands in the
   * slots themselves, so that nothing is searched for, and nothing need be cleared away with the draft.
   */
  readonly #slots: Slot[] = []
  readonly #states: RecordState[] = []
  /** Those that it does not have, by their keys. */
  readonly #new = new Map<string, RecordState>()

  constructor(book: StockBook) {
    this.#book = book
  }

  get isEmpty(): boolean {
    return this.#slots.length === 0 && this.#new.size === 0
  }

  /** The state to which the draft has brought the record; undefined where it does not change it. */
  drafted(storeId: string, sku: string): RecordState | undefined {
    const slot = this.#book.slot(storeId, sku)
    // What was new when it was drafted may have come to the book since, by another process.
    return (slot && this.#ofSlot(slot)) ?? this.#ofNew(storeId, sku)
  }

  /** The state of the record, whether the draft changes it or not. */
  state(storeId: string, sku: string): RecordState {
    const slot = this.#book.slot(storeId, sku)
    if (slot !== undefined) return this.#ofSlot(slot) ?? slot.state
    return this.#ofNew(storeId, sku) ?? initial(storeId, sku)
  }

  /** Takes the state that the work has led to; where the work is atomic, that can be undone. */
  set(work: Work, state: RecordState): void {
    const slot = this.#book.slot(state.storeId, state.sku)
    if (slot === undefined) this.#setNew(work, state)
    else this.#setOfSlot(work, slot, state)
  }

  #ofSlot(slot: Slot): RecordState | undefined {
    if (this.#slots.length === 0) return undefined
    if (this.#book.marker !== this) throw new TypeError('a later draft of the book has left its marks since')
    const { drafted } = slot
    return drafted < this.#slots.length && this.#slots[drafted] === slot ? this.#states[drafted] : undefined
  }

  #setOfSlot({ unit, undo }: Work, slot: Slot, state: RecordState): void {
    const before = this.#ofSlot(slot)
    this.#book.marker = this
    if (before === undefined) {
      slot.drafted = this.#slots.push(slot) - 1
      this.#states.push(state)
    } else {
      this.#states[slot.drafted] = state
    }
    if (!unit.atomic) return
    undo.push(() => {
      if (before !== undefined) {
        this.#states[slot.drafted] = before
        return
      }
      // What was done last is undone first, so this is the last one.
      this.#slots.pop()
      this.#states.pop()
    })
  }

  #ofNew(storeId: string, sku: string): RecordState | undefined {
    return this.#new.size === 0 ? undefined : this.#new.get(recordKey(storeId, sku))
  }

  #setNew({ unit, undo }: Work, state: RecordState): void {
    const key = recordKey(state.storeId, state.sku)
    if (unit.atomic) {
      const before = this.#new.get(key)
      undo.push(() => (before === undefined ? this.#new.delete(key) : this.#new.set(key, before)))
    }
    this.#new.set(key, state)
  }
}
