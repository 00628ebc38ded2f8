import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import { limitsTopic } from './limit-desk.ts'
import { limitersOf, shareOf } from './limiters.ts'
import type { Limiters, RateLimitOptions } from './options.ts'
import rateLimit from './plugin.ts'
import { sharedLimiters } from './shared-limiters.ts'

/** A question that takes so long means that the primary process is stuck: a turn of its event loop takes far less. */
const PATIENCE_MS = 250

/** The plugin as this application has it; after the request's id, which a refusal says as well. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: RateLimitOptions) => rateLimit(fastify, options),
  {
    name: 'bincard-rate-limit',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-errors', 'bincard-request-id']
  }
)

export function autoConfig(fastify: FastifyInstance): RateLimitOptions {
  const { configuration, clock } = fastify
  return { limiters: configuration.rateLimit.enabled ? limiters(fastify) : undefined, now: clock }
}

/** The limits of this process alone, or of all the servers in its cluster. */
function limiters({ configuration, serviceOptions, log }: FastifyInstance): Limiters {
  const { rateLimit: limits } = configuration
  const { cluster } = serviceOptions
  if (cluster === undefined) return limitersOf(limits)
  return sharedLimiters({
    limits: limitersOf(limits),
    share: limitersOf(shareOf(limits, cluster.serverCount)),
    ask: (question) => cluster.ask(limitsTopic, question),
    timer: (delayMs, callback) => {
      const timeout = setTimeout(callback, delayMs).unref()
      return () => clearTimeout(timeout)
    },
    patienceMs: PATIENCE_MS,
    onAlone: warnOnce(() =>
      log.warn('the primary process does not answer: this one keeps to its own share of the limits meanwhile')
    )
  })
}

function warnOnce(warn: () => void): () => void {
  let isWarned = false
  return () => {
    if (!isWarned) warn()
    isWarned = true
  }
}
