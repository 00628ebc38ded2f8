import type { Time } from './time.ts'

const TICK_MS = 50

export interface Expiring {
  /** Its time is over. */
  expire(): void
}

/**
 * Deadlines of any number of waiting clients with one timer for all of them, and none while nobody waits. What is due
 * expires up to a tenth of a second late, never early.
 */
export class Deadlines {
  readonly #time: Time
  /** By the tick at which they expire. */
  readonly #due = new Map<number, Set<Expiring>>()
  readonly #ticks = new Map<Expiring, number>()
  #lastTick = 0
  #stop: (() => void) | undefined

  constructor(time: Time) {
    this.#time = time
  }

  /** Expires it after so many milliseconds, unless it is removed or added again before. */
  add(expiring: Expiring, milliseconds: number): void {
    this.remove(expiring)
    const now = this.#time.now()
    if (this.#stop === undefined) {
      this.#lastTick = Math.floor(now / TICK_MS)
      this.#stop = this.#time.every(TICK_MS, () => this.#tick())
    }
    const tick = Math.ceil((now + milliseconds) / TICK_MS)
    const due = this.#due.get(tick)
    if (due === undefined) this.#due.set(tick, new Set([expiring]))
    else due.add(expiring)
    this.#ticks.set(expiring, tick)
  }

  remove(expiring: Expiring): void {
    const tick = this.#ticks.get(expiring)
    if (tick === undefined) return
    this.#ticks.delete(expiring)
    const due = this.#due.get(tick)
    due?.delete(expiring)
    if (due?.size === 0) this.#due.delete(tick)
    if (this.#ticks.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  #tick(): void {
    const tick = Math.floor(this.#time.now() / TICK_MS)
    const due: Expiring[] = []
    while (this.#lastTick < tick) {
      this.#lastTick += 1
      for (const expiring of this.#due.get(this.#lastTick) ?? []) due.push(expiring)
    }
    for (const expiring of due) {
      // One of those before it may have removed it.
      if (!this.#ticks.has(expiring)) continue
      this.remove(expiring)
      expiring.expire()
    }
  }
}
