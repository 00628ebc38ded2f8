import { setTimeout as wait } from 'node:timers/promises'

/** The clock, the waiting and the jitter of an import, so that a test needs no real time. */
export interface Pace {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `durationMs`, or at once when `signal` is aborted. */
  wait(durationMs: number, signal: AbortSignal): Promise<void>
  /** A number from 0 up to, not including, 1. */
  random(): number
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

export const realPace: Pace = {
  now: () => Date.now(),
  wait: async (durationMs, signal) => {
    await wait(Math.min(durationMs, LONGEST_TIMER_MS), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  },
  random: () => Math.random()
}
