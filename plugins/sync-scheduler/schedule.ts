/** Calls back once after so many milliseconds, unless the function it returns was called before. */
export type Timer = (delayMs: number, callback: () => void) => () => void

/** The timer of this process, which does not keep it alive. */
export const processTimer: Timer = (delayMs, callback) => {
  const timeout = setTimeout(callback, delayMs).unref()
  return () => clearTimeout(timeout)
}

export interface ScheduleParts {
  /** One run; the signal is aborted when the server closes. What it throws or rejects with is a failure. */
  readonly job: (signal: AbortSignal) => unknown
  readonly intervalMs: number
  /** The pause after a failure, doubled with each one in a row, up to the interval. */
  readonly retryMs: number
  readonly onError: (error: unknown) => void
  readonly timer: Timer
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface ScheduleStatus {
  /** Whether runs are made without being asked for. */
  readonly isRunning: boolean
  /** Whether one is under way. */
  readonly isBusy: boolean
  readonly intervalMs: number
  /** How many have ended, those that failed included. */
  readonly runs: number
  readonly failures: number
  /** Milliseconds since the epoch, as the next one. */
  readonly lastStartedAt?: number
  readonly lastEndedAt?: number
  /** What the last run failed with; none where it did not. */
  readonly lastError?: string
}

/** A run was asked for of a server that closes. */
export class ScheduleClosedError extends Error {
  override readonly name = 'ScheduleClosedError'
  readonly code = 'BINCARD_SCHEDULE_CLOSED'
  readonly statusCode = 503
}

/** One job that is run now, when something wakes it, and at the latest each interval; never twice at once. */
export class Schedule {
  readonly #parts: ScheduleParts
  readonly #ending = new AbortController()
  #status: ScheduleStatus
  #failuresInARow = 0
  #last: Promise<unknown> = Promise.resolve()
  #waiting: Promise<void> | undefined
  #cancel: (() => void) | undefined

  constructor(parts: ScheduleParts) {
    this.#parts = parts
    const { intervalMs } = parts
    this.#status = { isRunning: false, isBusy: false, intervalMs, runs: 0, failures: 0 }
  }

  get status(): ScheduleStatus {
    return { ...this.#status }
  }

  /**
   * A run that begins after the call: at once, or when the one under way has ended. Calls that come before it has begun
   * share it. Rejects with what the job failed with, or with a ScheduleClosedError.
   */
  run(): Promise<void> {
    if (this.#waiting === undefined) {
      const run = this.#last.then(() => {
        this.#waiting = undefined
        return this.#carryOut()
      })
      this.#waiting = run
      this.#last = run.catch(() => undefined)
    }
    return this.#waiting
  }

  /** There is something to do: a run follows, unless it is stopped. After a failure it waits for the pause to end. */
  wake(): void {
    if (this.#status.isRunning && this.#failuresInARow === 0) this.#runUnasked()
  }

  /** Begins with a run at once; where it has begun before, only another interval counts, from now on. */
  start(intervalMs = this.#status.intervalMs): void {
    if (this.#ending.signal.aborted) return
    const { isRunning, isBusy, intervalMs: before } = this.#status
    this.#status = { ...this.#status, isRunning: true, intervalMs }
    if (!isRunning) this.#runUnasked()
    else if (!isBusy && before !== intervalMs) this.#arm()
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    this.#status = { ...this.#status, isRunning: false }
    this.#disarm()
    await this.#last
  }

  /** Ends it for good; the job under way is told so by its signal. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.stop()
  }

  async #carryOut(): Promise<void> {
    const { job, now, onError } = this.#parts
    const { signal } = this.#ending
    if (signal.aborted) throw new ScheduleClosedError('the server closes')
    this.#disarm()
    this.#status = { ...this.#status, isBusy: true, lastStartedAt: now() }
    try {
      await job(signal)
      this.#failuresInARow = 0
      this.#end({})
    } catch (error) {
      this.#failuresInARow += 1
      this.#end({ lastError: error instanceof Error ? error.message : String(error) })
      onError(error)
      throw error
    } finally {
      this.#arm()
    }
  }

  #end(outcome: { readonly lastError?: string }): void {
    const { lastError: _before, ...status } = this.#status
    const failures = status.failures + (outcome.lastError === undefined ? 0 : 1)
    const runs = status.runs + 1
    this.#status = { ...status, ...outcome, isBusy: false, runs, failures, lastEndedAt: this.#parts.now() }
  }

  #runUnasked(): void {
    // Its failure is in the status, and was told.
    this.run().catch(() => undefined)
  }

  #arm(): void {
    this.#disarm()
    const { isRunning, intervalMs } = this.#status
    if (!isRunning) return
    const { retryMs, timer } = this.#parts
    const pauseMs = this.#failuresInARow === 0 ? intervalMs : retryMs * 2 ** (this.#failuresInARow - 1)
    this.#cancel = timer(Math.min(intervalMs, pauseMs), () => this.#runUnasked())
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
