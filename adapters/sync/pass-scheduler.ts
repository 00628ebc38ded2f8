/** Calls back once after so many milliseconds, unless the function it returns was called before. */
export type Timer = (delayMs: number, callback: () => void) => () => void

/** The timer of this process, which does not keep it alive. */
export const processTimer: Timer = (delayMs, callback) => {
  const timeout = setTimeout(callback, delayMs).unref()
  return () => clearTimeout(timeout)
}

export interface PassSchedulerOptions {
  /** Makes a pass; `again` asks for another one soon. What it rejects with is a failure. */
  readonly pass: () => Promise<'done' | 'again'>
  /** Resolves once there is something for a pass to do; rejects when the signal is aborted. */
  readonly wake: (signal: AbortSignal) => Promise<void>
  /** In how many milliseconds the next pass is due, where that is before the interval is over; undefined where it is not. */
  readonly dueIn: () => Promise<number | undefined>
  readonly intervalMs: number
  readonly timer: Timer
  /** Told of each failure; the next pass is made after a pause that doubles with each one in a row. */
  readonly onFailure: (error: unknown) => void
}

const SHORTEST_PAUSE_MS = 100

/**
 * Makes passes one after the other: at once when there is something to do, when one is due, and at the latest each interval. It may be
 * started and stopped at any time, twice as well as once.
 */
export class PassScheduler {
  readonly #options: PassSchedulerOptions
  #intervalMs: number
  #stop: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()
  #endPause: (() => void) | undefined

  constructor(options: PassSchedulerOptions) {
    this.#options = options
    this.#intervalMs = options.intervalMs
  }

  get isRunning(): boolean {
    return this.#stop !== undefined
  }

  get intervalMs(): number {
    return this.#intervalMs
  }

  /** Begins with a pass at once. A change of the interval holds from the present pause on. */
  start(intervalMs = this.#intervalMs): void {
    const isOther = intervalMs !== this.#intervalMs
    this.#intervalMs = intervalMs
    if (this.#stop !== undefined) {
      if (isOther) this.#endPause?.()
      return
    }
    const stop = new AbortController()
    this.#stop = stop
    this.#loop = this.#loop.then(() => this.#run(stop.signal))
  }

  /** Resolves when the pass that is under way has ended. */
  async stop(): Promise<void> {
    this.#stop?.abort()
    this.#stop = undefined
    await this.#loop
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const next = await this.#options.pass().catch((error: unknown) => {
        if (!signal.aborted) this.#options.onFailure(error)
        return 'failed' as const
      })
      if (signal.aborted) return
      failures = next === 'failed' ? failures + 1 : 0
      if (next === 'done') await this.#pauseUntilDue(signal)
      else await this.#pause(signal, Math.min(this.#intervalMs, SHORTEST_PAUSE_MS * 2 ** failures), false)
    }
  }

  async #pauseUntilDue(signal: AbortSignal): Promise<void> {
    // Whatever is wrong with it, the next pass will say so.
    const dueInMs = await this.#options.dueIn().catch(() => undefined)
    if (!signal.aborted) await this.#pause(signal, Math.min(this.#intervalMs, dueInMs ?? Infinity), true)
  }

  #pause(stopped: AbortSignal, delayMs: number, endsOnWake: boolean): Promise<void> {
    return new Promise((resolve) => {
      const over = new AbortController()
      const end = (): void => {
        cancel()
        stopped.removeEventListener('abort', end)
        this.#endPause = undefined
        over.abort()
        resolve()
      }
      const cancel = this.#options.timer(delayMs, end)
      stopped.addEventListener('abort', end)
      this.#endPause = end
      // A wake that fails leaves the interval, and the pass will say what is wrong.
      if (endsOnWake) this.#options.wake(over.signal).then(end, () => undefined)
    })
  }
}
