import type { RecordState } from './record.ts'
import { setUntilUndone, type Work } from './unit-work.ts'

/** The records that a draft changes, as it leaves them. */
export class DraftedStates {
  readonly #byStore = new Map<string, Map<string, RecordState>>()
  /** The store that was asked for last: the lines of a unit are nearly always of one. */
  #latestId: string | undefined
  #latest: Map<string, RecordState> | undefined

  get isEmpty(): boolean {
    for (const states of this.#byStore.values()) if (states.size > 0) return false
    return true
  }

  get(storeId: string, sku: string): RecordState | undefined {
    return this.#statesOf(storeId)?.get(sku)
  }

  /** Takes the state that the work has led to; where the work is atomic, that can be undone. */
  set(work: Work, state: RecordState): void {
    const { storeId, sku } = state
    let states = this.#statesOf(storeId)
    if (states === undefined) {
      states = new Map()
      this.#byStore.set(storeId, states)
      this.#latest = states
    }
    setUntilUndone(work, states, sku, state)
  }

  #statesOf(storeId: string): Map<string, RecordState> | undefined {
    if (storeId !== this.#latestId) {
      this.#latestId = storeId
      this.#latest = this.#byStore.get(storeId)
    }
    return this.#latest
  }
}
