import pLimit, { type LimitFunction } from 'p-limit'

export interface BulkheadOptions {
  readonly name: string
  /** Calls that may be under way at once. */
  readonly limit: number
  /** Calls that may wait for their turn; one more is refused. */
  readonly queueMax: number
  /** What a call is refused with. */
  readonly refusal: (message: string) => Error
}

/** Keeps one kind of work from taking what others need: so many calls at once, so many that wait, and no more. */
export class Bulkhead {
  readonly name: string
  readonly limit: number
  readonly queueMax: number
  readonly #turn: LimitFunction
  readonly #refusal: (message: string) => Error
  #refused = 0

  constructor({ name, limit, queueMax, refusal }: BulkheadOptions) {
    this.name = name
    this.limit = limit
    this.queueMax = queueMax
    this.#turn = pLimit(limit)
    this.#refusal = refusal
  }

  /** Calls that are under way. */
  get active(): number {
    return Math.min(this.limit, this.#taken)
  }

  /** Calls that wait for their turn. */
  get queued(): number {
    return Math.max(0, this.#taken - this.limit)
  }

  /** Calls that were refused since the start. */
  get refused(): number {
    return this.#refused
  }

  /** Makes the call when its turn comes; rejects at once where too many wait already. */
  run<Value>(call: () => Promise<Value>): Promise<Value> {
    if (this.#taken < this.limit + this.queueMax) return this.#turn(call)
    this.#refused += 1
    return Promise.reject(this.#refusal(`${this.queueMax} calls wait for their turn (${this.name})`))
  }

  /** The library begins a call a moment after it was handed over. */
  get #taken(): number {
    return this.#turn.activeCount + this.#turn.pendingCount
  }
}
