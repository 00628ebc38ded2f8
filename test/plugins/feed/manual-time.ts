import type { Time } from '../../../plugins/feed/time.ts'

interface Timer {
  due: number
  readonly intervalMs: number | undefined
  readonly call: () => void
}

/** A time that goes on only when a test says so. */
export class ManualTime implements Time {
  readonly #timers = new Set<Timer>()
  readonly #soon: (() => void)[] = []
  #now = 1_000_000

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size
  }

  readonly now = (): number => this.#now

  readonly soon = (call: () => void): void => {
    this.#soon.push(call)
  }

  readonly after = (milliseconds: number, call: () => void): (() => void) =>
    this.#set({ due: this.#now + milliseconds, intervalMs: undefined, call })

  readonly every = (milliseconds: number, call: () => void): (() => void) =>
    this.#set({ due: this.#now + milliseconds, intervalMs: milliseconds, call })

  /** Time passes while the process is busy: no timer comes. */
  spend(milliseconds: number): void {
    this.#now += milliseconds
  }

  /** Does what was put off. */
  settle(): void {
    for (let call = this.#soon.shift(); call !== undefined; call = this.#soon.shift()) call()
  }

  /** Time passes, and every timer that is due comes at its time, or as soon as the one before it is done. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    this.settle()
    for (;;) {
      const [next] = [...this.#timers].sort((first, second) => first.due - second.due)
      if (next === undefined || next.due > Math.max(end, this.#now)) break
      this.#now = Math.max(this.#now, next.due)
      if (next.intervalMs === undefined) this.#timers.delete(next)
      else next.due = this.#now + next.intervalMs
      next.call()
      this.settle()
    }
    this.#now = Math.max(this.#now, end)
  }

  #set(timer: Timer): () => void {
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }
}
