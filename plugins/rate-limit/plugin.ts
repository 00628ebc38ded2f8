import rateLimiting, { type RateLimitPluginOptions } from '@fastify/rate-limit'
import Fastify, { type FastifyInstance, type preHandlerAsyncHookHandler } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import { rateLimitError } from '../errors/api-error.ts'
import { clientNames } from './client-address.ts'
import { limitedApiOfRoute, limitedApiOfUnknown, type LimitedApi } from './limited-api.ts'
import { limiterStore } from './limiter-store.ts'
import type { Limiter, ListingLimiter } from './limiter.ts'
import { checkOptions, type RateLimitOptions } from './options.ts'
import { steadyClock } from './steady-clock.ts'

/** A client of the central API and what it has asked for in its window. */
export interface CentralClient {
  readonly clientId: string
  readonly requestCount: number
  /** When the oldest request that counts came, in milliseconds since the epoch. */
  readonly windowStart: number
  /** Whether its next request is refused. */
  readonly isBlocked: boolean
}

export interface RateLimits {
  /** Requests refused since the start. */
  readonly refused: Readonly<Record<LimitedApi, number>>
  /** The clients of the central API whose requests still count, the busiest first, at most `max`. */
  centralClients(max: number): Promise<CentralClient[]>
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly rateLimits: RateLimits
  }

  interface FastifyContextConfig {
    /** Whose limit requests to the route count against, set by the rate-limit plugin; none where it is left out. */
    limitedApi?: LimitedApi
  }
}

const titles: Readonly<Record<LimitedApi, string>> = {
  store: 'the store API',
  central: 'the central API',
  administration: 'administration'
}

/**
 * Limits how often each client asks, before anything else of a request is looked at, its API key included. Every route
 * below is limited but health, the documentation and the console, and so are requests that no route answers.
 */
async function rateLimit(fastify: FastifyInstance, options: RateLimitOptions): Promise<void> {
  checkOptions(options)
  const { limiters, now } = options
  fastify.addHook('onRoute', (route) => {
    const limitedApi = limitedApiOfRoute(route.url.slice(fastify.prefix.length))
    if (limitedApi !== undefined) route.config = { ...route.config, limitedApi }
  })

  const refused = { store: 0, central: 0, administration: 0 }
  if (limiters === undefined) {
    fastify.decorate('rateLimits', { refused, centralClients: async () => [] })
    return
  }
  const steadyNow = steadyClock(now)
  fastify.decorate('rateLimits', {
    refused,
    centralClients: (max) => busiest(limiters.central, steadyNow(), now(), max)
  })

  const clientOf = clientNames()
  const hookOf = (api: LimitedApi): Promise<preHandlerAsyncHookHandler> =>
    limitHook(api, limiters[api], {
      store: limiterStore(limiters[api], steadyNow),
      keyGenerator: ({ ip }) => clientOf(ip),
      onExceeded: () => {
        refused[api]++
      }
    })
  const hooks = {
    store: await hookOf('store'),
    central: await hookOf('central'),
    administration: await hookOf('administration')
  }
  fastify.addHook('onRequest', (request, reply) => {
    const api = request.is404
      ? limitedApiOfUnknown(request.url.slice(fastify.prefix.length))
      : request.routeOptions.config.limitedApi
    return api === undefined ? notLimited : hooks[api].call(fastify, request, reply)
  })
}

const notLimited = Promise.resolve()

/**
 * The hook of @fastify/rate-limit for one limit. It comes from a Fastify of its own, which serves nothing: where the
 * application around the service has registered the same plugin, its decorators would be found instead, and its store
 * would count.
 */
async function limitHook(
  api: LimitedApi,
  { limit, rule }: Limiter,
  options: RateLimitPluginOptions
): Promise<preHandlerAsyncHookHandler> {
  const limiting = Fastify()
  await limiting.register(rateLimiting, {
    ...options,
    global: false,
    max: limit,
    errorResponseBuilder: (_request, { ttl }) =>
      rateLimitError(`Too many requests to ${titles[api]}: the limit is ${rule}`, ttl / 1000)
  })
  return limiting.rateLimit()
}

async function busiest(
  limiter: ListingLimiter,
  steadyNow: number,
  now: number,
  max: number
): Promise<CentralClient[]> {
  const clients = await limiter.clients(steadyNow, max)
  return clients.map(({ clientId, requestCount, oldestAt, isBlocked }) => ({
    clientId,
    requestCount,
    windowStart: now - (steadyNow - oldestAt),
    isBlocked
  }))
}

export default fastifyPlugin(rateLimit, { name: 'bincard-rate-limit', fastify: '5.x' })
