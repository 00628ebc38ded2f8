import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import type { RateLimits } from '../configuration/configuration.ts'
import { siteOf } from './client-address.ts'
import type { Limiters, RateLimitOptions } from './options.ts'
import rateLimit from './plugin.ts'
import { SlidingWindowLimiter } from './sliding-window.ts'
import { TokenBucketLimiter } from './token-bucket.ts'

/** The plugin as this application has it; after the request's id, which a refusal says as well. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: RateLimitOptions) => rateLimit(fastify, options),
  {
    name: 'bincard-rate-limit',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-errors', 'bincard-request-id']
  }
)

export function autoConfig({ configuration, clock }: FastifyInstance): RateLimitOptions {
  const { rateLimit } = configuration
  return { limiters: rateLimit.enabled ? limitersOf(rateLimit) : undefined, now: clock }
}

/** The limits of this process alone. */
function limitersOf(limits: RateLimits): Limiters {
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
