import type { Time } from './time.ts'

/** No more than this at a stretch, so that other requests wait no longer. */
const STRETCH_MS = 1
const STRETCH_JOBS = 32
/** While writes come thick, this share of the time at most: with what followers cost elsewhere, writers lose a third. */
const SHARE = 1 / 8
/** What is saved up for a burst, in milliseconds. */
const SAVED_MS_MAX = 10
/** Sending an answer is measured here; taking the request that asked for it costs about as much again. */
const COST_FACTOR = 2

export interface Job {
  run(): void
}

export interface LoopShareOptions {
  readonly time: Time
  /** Whether others need the process so much that the jobs have to stand back. */
  readonly isContended: () => boolean
}

/**
 * Runs jobs in their order, in short stretches between which the process turns to other work, and in no more than a
 * eighth of the time while there is much of that: a thousand followers that are told of each write would leave no time
 * to write.
 */
export class LoopShare {
  readonly #time: Time
  readonly #isContended: () => boolean
  readonly #jobs = new Set<Job>()
  #isRunning = false
  /** Takes back the next stretch; undefined where none is due. */
  #unschedule: (() => void) | undefined
  #savedMs = SAVED_MS_MAX
  #refilledAt: number

  constructor({ time, isContended }: LoopShareOptions) {
    this.#time = time
    this.#isContended = isContended
    this.#refilledAt = time.now()
  }

  get isContended(): boolean {
    return this.#isContended()
  }

  /** Runs the job now, if there is time for it and nobody waits, else later. */
  add(job: Job): void {
    this.addAll([job])
  }

  /** Several jobs that are due at once. */
  addAll(jobs: Iterable<Job>): void {
    for (const job of jobs) this.#jobs.add(job)
    if (this.#unschedule === undefined) this.#run()
  }

  /** Forgets a job that has not run. */
  remove(job: Job): void {
    this.#jobs.delete(job)
  }

  /** Runs all that wait, whatever it takes. */
  finish(): void {
    for (const job of this.#jobs) this.#runJob(job)
  }

  /** Puts down the time that the process was kept busy with work for the jobs elsewhere. */
  charge(milliseconds: number): void {
    this.#savedMs -= milliseconds
  }

  #run(): void {
    // A job may add another one.
    if (this.#isRunning) return
    this.#isRunning = true
    const started = this.#time.now()
    const mayRun = this.#refill(started) || this.#savedMs > 0
    let count = 0
    for (const job of this.#jobs) {
      if (!mayRun || count === STRETCH_JOBS || this.#time.now() - started >= STRETCH_MS) break
      this.#runJob(job)
      count += 1
    }
    // An answer goes out when its job is done.
    this.#time.soon(() => {
      this.charge((this.#time.now() - started) * COST_FACTOR)
      this.#isRunning = false
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#jobs.size === 0) return
    const waitMs = this.#isContended() && this.#savedMs <= 0 ? Math.max(1, -this.#savedMs / SHARE) : 0
    this.#unschedule = this.#time.after(waitMs, () => {
      this.#unschedule = undefined
      this.#run()
    })
  }

  #runJob(job: Job): void {
    this.#jobs.delete(job)
    job.run()
  }

  /** Returns whether it does not matter how much is saved. */
  #refill(now: number): boolean {
    const isFree = !this.#isContended()
    const earnedMs = isFree ? Infinity : (now - this.#refilledAt) * SHARE
    this.#savedMs = Math.min(SAVED_MS_MAX, this.#savedMs + earnedMs)
    this.#refilledAt = now
    return isFree
  }
}
