import type { Time } from './time.ts'

const SAMPLE_MS = 250
/** More events than this in a second, and the process has better to do than to tell everybody of each at once. */
const THICK_PER_SECOND = 20

/** Whether writes come thick, by the events of the last quarter of a second or more. */
export class WritePace {
  readonly #time: Time
  readonly #sequence: () => number
  #sampledAt: number
  #sampled: number
  #isThick = false

  constructor(time: Time, sequence: () => number) {
    this.#time = time
    this.#sequence = sequence
    this.#sampledAt = time.now()
    this.#sampled = sequence()
  }

  isThick(): boolean {
    const elapsedMs = this.#time.now() - this.#sampledAt
    if (elapsedMs < SAMPLE_MS) return this.#isThick
    const sequence = this.#sequence()
    this.#isThick = ((sequence - this.#sampled) * 1000) / elapsedMs > THICK_PER_SECOND
    this.#sampledAt += elapsedMs
    this.#sampled = sequence
    return this.#isThick
  }
}
