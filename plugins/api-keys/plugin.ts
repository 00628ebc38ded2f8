import type { FastifyInstance, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Logger } from 'pino'

import { forbiddenError, unauthorizedError } from '../errors/api-error.ts'
import { anonymous, type Caller } from './caller.ts'
import { KeyRing } from './key-ring.ts'
import { checkOptions, type ApiKeyOptions } from './options.ts'
import { keyRequirement, type KeyRequirement } from './requirement.ts'

export type { Caller } from './caller.ts'
export type { ApiKeyOptions } from './options.ts'
export type { KeyRequirement } from './requirement.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whose key the route asks for; a caller's where it is left out. */
    apiKey?: KeyRequirement
  }

  interface FastifyRequest {
    /** Whom the request comes from; anonymous where the service has no keys and where the route asks for none. */
    readonly caller: Caller
    /** The caller whose key came; the plugin's own. */
    knownCaller: Caller | null
  }
}

// A challenge is obligatory (RFC 9110, section 15.5.2), and no registered scheme speaks of a key in a header of its
// own. Basic would make browsers ask for a password and Bearer promise that Authorization is read.
const challenge = 'ApiKey realm="Bincard", header="X-API-Key"'

async function apiKeys(fastify: FastifyInstance, options: ApiKeyOptions): Promise<void> {
  checkOptions(options)
  const keyRing = new KeyRing(options.keys ?? [], options.adminKeys ?? [])

  fastify.decorateRequest('knownCaller', null)
  fastify.decorateRequest('caller', {
    getter(this: FastifyRequest) {
      return this.knownCaller ?? anonymous
    }
  })
  fastify.addHook('onRoute', (route) => {
    route.config = { ...route.config, apiKey: keyRequirement(route) }
    if (!keyRing.isEmpty) route.onRequest = [route.onRequest ?? [], guard(route, keyRing)].flat()
  })
}

/** The check of one route, which reads what it asks for when a request comes: plugins around it may have set it. */
function guard(route: RouteOptions, keyRing: KeyRing): onRequestHookHandler {
  return (request, reply, done) => {
    const requirement = keyRequirement(route)
    if (requirement === 'none') {
      done()
      return
    }
    const given = request.headers['x-api-key']
    const caller = typeof given === 'string' ? keyRing.callerOf(given) : undefined
    if (caller === undefined) {
      reply.header('www-authenticate', challenge)
      done(unauthorizedError(given === undefined ? needed : unknown))
      return
    }
    request.knownCaller = caller
    nameInLog(request, caller)
    // A cache shared by many must not answer others with it; of itself it only knows that of Authorization
    // (RFC 9111, section 3.5).
    reply.header('cache-control', 'private')
    done(requirement === 'admin' && caller.kind !== 'admin' ? forbiddenError(adminNeeded) : undefined)
  }
}

/**
 * The lines of the request say whose it is from here on. Its own logger is changed, as a child of that child would cost
 * more than all else here; one that has no such way, or is not the request's own, is left alone.
 */
function nameInLog({ log, server }: FastifyRequest, { id }: Caller): void {
  if (log !== server.log && 'setBindings' in log) (log as Logger).setBindings({ caller: id })
}

const needed = 'An API key is needed, in the header X-API-Key'
const unknown = 'The API key in the header X-API-Key is not known here'
const adminNeeded = "This needs an administrator's API key"

/**
 * Asks for the keys that it is given, in X-API-Key, on every route below it that does not set `config.apiKey` to
 * `none`; without keys it asks for nothing. What was registered before it, such as a limit of requests, comes first.
 */
export default fastifyPlugin(apiKeys, { name: 'bincard-api-keys', fastify: '5.x' })
