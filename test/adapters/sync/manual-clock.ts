import type { Timer } from '../../../adapters/sync/pass-scheduler.ts'

/** Time that goes on only when a test says so. */
export class ManualClock {
  now = 1_700_000_000_000
  readonly #waiting = new Set<{ readonly at: number; readonly callback: () => void }>()

  readonly timer: Timer = (delayMs, callback) => {
    const entry = { at: this.now + delayMs, callback }
    this.#waiting.add(entry)
    return () => this.#waiting.delete(entry)
  }

  /** How many wait for their time. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Lets so many milliseconds go by, and all that becomes due in them happen in its order. */
  pass(delayMs: number): void {
    const end = this.now + delayMs
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#waiting.delete(next)
      this.now = next.at
      next.callback()
    }
    this.now = end
  }
}

/** Waits for what is promised to happen without any time going by, up to a few seconds of real time. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`it never came to be: ${isSo.toString()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
