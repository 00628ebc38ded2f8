import type { RateLimits } from '../configuration/configuration.ts'
import { siteOf } from './client-address.ts'
import type { Limiters } from './options.ts'
import { SlidingWindowLimiter } from './sliding-window.ts'
import { TokenBucketLimiter } from './token-bucket.ts'

/** The limits as they are configured, counted in this process. */
export function limitersOf(limits: RateLimits): Limiters {
  const { type, windowMinutes, requestsPerSecond, burst } = limits
  const window = (requestsPerMinute: number) =>
    new SlidingWindowLimiter({
      type,
      limit: requestsPerMinute * windowMinutes,
      windowMs: windowMinutes * 60_000,
      groupOf: siteOf
    })
  return {
    store: new TokenBucketLimiter({ requestsPerSecond, burst, groupOf: siteOf }),
    central: window(limits.requestsPerMinute),
    administration: window(limits.adminRequestsPerMinute)
  }
}

/** What one of so many processes may let in by itself: all of them together no more than the limits, but one request each. */
export function shareOf(limits: RateLimits, processCount: number): RateLimits {
  const share = (limit: number): number => Math.max(1, Math.floor(limit / processCount))
  return {
    ...limits,
    requestsPerSecond: share(limits.requestsPerSecond),
    burst: share(limits.burst),
    requestsPerMinute: share(limits.requestsPerMinute),
    adminRequestsPerMinute: share(limits.adminRequestsPerMinute)
  }
}
