import type { Ledger } from '../../domain/ledger.ts'

/** However many reservations expire one after the other, they bring no more passes about than one in so many milliseconds. */
export const BETWEEN_EXPIRIES_MS = 100

/** Knows when the next reservation expires, so that this can be written down soon after. */
export class ExpiryAlarm {
  readonly #ledger: Ledger
  readonly #now: () => number
  #sequence: number | undefined

  constructor(ledger: Ledger, now: () => number) {
    this.#ledger = ledger
    this.#now = now
  }

  /**
   * In how many milliseconds by the present clock a sweep has something to do; undefined where no reservation expires, or
   * where the last sweep could not write what had.
   */
  async dueIn(): Promise<number | undefined> {
    const [first] = await this.#ledger.due(Infinity, 1)
    if (first === undefined) return undefined
    const waitMs = first.expiresAt - this.#now()
    const { sequence } = this.#ledger.health()
    const isStuck = waitMs <= 0 && sequence === this.#sequence
    this.#sequence = sequence
    return isStuck ? undefined : Math.max(BETWEEN_EXPIRIES_MS, waitMs)
  }
}
