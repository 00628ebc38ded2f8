import { limitedApis, type LimitedApi } from './limited-api.ts'
import { requirePositiveInteger, type Limiter, type ListingLimiter } from './limiter.ts'

/** Who decides about the requests of each API. */
export interface Limiters extends Readonly<Record<LimitedApi, Limiter>> {
  readonly central: ListingLimiter
}

export interface RateLimitOptions {
  /** Nothing is limited without them. */
  readonly limiters?: Limiters | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Throws a TypeError or a RangeError that names the first option that does not fit. */
export function checkOptions({ limiters, now }: RateLimitOptions): void {
  if (typeof now !== 'function') throw optionError('now', 'must be a function that gives milliseconds')
  if (limiters === undefined) return
  for (const api of limitedApis) {
    const limiter: Partial<Limiter> | undefined = limiters[api]
    if (typeof limiter?.take !== 'function') throw optionError(`limiters.${api}`, 'must be a limiter')
    requirePositiveInteger(`limiters.${api}.limit`, limiter.limit)
  }
  if (typeof limiters.central.clients !== 'function') {
    throw optionError('limiters.central', 'must say whom it counts')
  }
}

function optionError(option: string, reason: string): TypeError {
  return new TypeError(`bincard-rate-limit: option ${option}: ${reason}`)
}
