import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RouteOptions
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import { lineIdentity, requestIdentity, type IdempotencyTerm, type IdentitySettings } from './identity.ts'
import { checkOptions, type IdempotencyOptions } from './options.ts'
import { rememberedHooks } from './remembered.ts'
import { routeSetting, type RouteSetting } from './route-setting.ts'
import type { IdempotencyIdentity, IdempotencyStore } from './store.ts'

export { IdempotencyConflictError, MalformedIdempotencyKeyError, UncanonicalBodyError } from './errors.ts'
export { idempotencyKeyPattern } from './keys.ts'
export { MemoryIdempotencyStore, type MemoryIdempotencyStoreOptions } from './memory-store.ts'
export type { IdempotencyOptions } from './options.ts'
export type { IdempotencyMode, RouteSetting } from './route-setting.ts'
export type { Claim, IdempotencyIdentity, IdempotencyStore, RememberedAnswer } from './store.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How the route honours Idempotency-Key; not at all where it is left out. */
    idempotency?: RouteSetting['mode'] | RouteSetting
  }

  interface FastifyRequest {
    /** What Idempotency-Key makes of this request; null without the header or the route's setting. */
    idempotencyIdentity: IdempotencyIdentity | null
    /** Whether this request holds the claim of its key and must settle it; the plugin's own. */
    idempotencyClaimed: boolean
    /** What its keys have in common, once one of them was read; the plugin's own. */
    idempotencyTerm: IdempotencyTerm | null
    /**
     * The identity of one line of the body under a key of its own; `facts` are all that makes the line what it
     * is. Throws a MalformedIdempotencyKeyError or an UncanonicalBodyError, status 400.
     */
    lineIdentity(key: string, facts: unknown): IdempotencyIdentity
  }

  interface FastifyReply {
    /** Says in `Idempotency-Replayed` that this answer was given before. */
    idempotencyReplayed(): FastifyReply
  }
}

async function idempotency(fastify: FastifyInstance, options: IdempotencyOptions): Promise<void> {
  checkOptions(options)
  const { ttlMs, now = Date.now, scope = () => 'anonymous', store } = options
  const settings: IdentitySettings = { ttlMs, now, scope }

  fastify.decorateRequest('idempotencyIdentity', null)
  fastify.decorateRequest('idempotencyClaimed', false)
  fastify.decorateRequest('idempotencyTerm', null)
  fastify.decorateRequest('lineIdentity', function (this: FastifyRequest, key: string, facts: unknown) {
    return lineIdentity(this, key, facts, settings)
  })
  fastify.decorateReply('idempotencyReplayed', function (this: FastifyReply) {
    return this.header('idempotency-replayed', 'true')
  })
  fastify.addHook('onRoute', (route) => {
    const setting = routeSetting(route)
    if (setting === undefined) return
    // Last, so that validation and the route's own checks have passed before a key is claimed.
    route.preHandler = [route.preHandler ?? [], identityHook(setting.operation, settings)].flat()
    if (setting.mode === 'remembered') addRememberedHooks(route, store)
  })
}

function addRememberedHooks(route: RouteOptions, store: IdempotencyStore | undefined): void {
  if (store === undefined) {
    throw new TypeError(`bincard-idempotency: option store is needed for the remembered route ${route.url}`)
  }
  const { preHandler, onSend, onResponse } = rememberedHooks(store)
  route.preHandler = [route.preHandler ?? [], preHandler].flat()
  // First, so that what is remembered has not been compressed or the like for one client.
  route.onSend = [onSend, route.onSend ?? []].flat()
  route.onResponse = [route.onResponse ?? [], onResponse].flat()
}

function identityHook(operation: string | undefined, settings: IdentitySettings) {
  return (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    try {
      if (request.headers['idempotency-key'] !== undefined) {
        request.idempotencyIdentity = requestIdentity(request, operation, settings)
      }
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }
}

/** Idempotency-Key for unsafe requests: one key, one effect, one answer. */
export default fastifyPlugin(idempotency, { name: 'bincard-idempotency', fastify: '5.x' })
