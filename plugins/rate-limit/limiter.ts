/** What a limit says to one request. */
export interface Decision {
  readonly allowed: boolean
  /** How many requests it allows. */
  readonly limit: number
  /** How many more it allows now. */
  readonly remaining: number
  /** Whole milliseconds until `remaining` grows if nobody asks meanwhile; for a refused request, until a retry is allowed. */
  readonly resetMs: number
}

/**
 * Decides whether a request is within a limit. A refused request is not counted: asking in vain makes nobody wait any
 * longer. One that several processes share answers with a promise.
 */
export interface Limiter {
  /** How many requests it allows, the same in every decision. */
  readonly limit: number
  /** The limit in words, for the message of a refusal: `100 in 60 s from one address`. */
  readonly rule: string
  /** Counts the request if it is allowed. `now` is in whole milliseconds, by a clock of this process that never goes back. */
  take(client: string, now: number): Decision | Promise<Decision>
}

/** Who has requests that still count. */
export interface CountedClient {
  readonly clientId: string
  readonly requestCount: number
  /** When the oldest request that counts came, on the clock that `now` is of. */
  readonly oldestAt: number
  readonly isBlocked: boolean
}

/** A limiter that can say whom it counts. */
export interface ListingLimiter extends Limiter {
  /** The busiest first, at most `max`. */
  clients(now: number, max: number): CountedClient[] | Promise<CountedClient[]>
}

/** Throws a RangeError where the number is not whole or below 1. */
export function requirePositiveInteger(name: string, value: number | undefined): number {
  if (value !== undefined && Number.isSafeInteger(value) && value >= 1) return value
  throw new RangeError(`bincard-rate-limit: ${name} must be a whole number of at least 1, not ${value}`)
}
