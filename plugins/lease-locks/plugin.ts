import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { LeaseKey } from './key.ts'
import type { LeaseSettings } from './lease.ts'
import { LeaseTable } from './lease-table.ts'
import { checkOptions, shortestRenewMs, shortestTtlMs, type LeaseOptions } from './options.ts'
import { RequestLeases } from './request-leases.ts'

export { LeaseRejectedError } from './errors.ts'
export type { LeaseKey } from './key.ts'
export type { LeaseEvent, LeaseFile } from './lease.ts'
export type { LeaseOptions } from './options.ts'

/** The leases that a request needs. */
export interface LeaseRequest {
  /** In any order; the same key twice is one. */
  readonly keys: readonly LeaseKey[]
  /** Requests of one holder share their leases within the process, such as a request and its repetition. */
  readonly holder?: string | undefined
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The leases that requests to the route take before its handler runs; none where it is left out. */
    leases?: (request: FastifyRequest) => LeaseRequest
  }

  interface FastifyRequest {
    /** What this request holds: null where it needs none, undefined where the plugin is not registered. */
    leases?: Pick<RequestLeases, 'token' | 'requireHeld'> | null
  }
}

const defaultKeysMax = 100

async function leaseLocks(fastify: FastifyInstance, options: LeaseOptions): Promise<void> {
  checkOptions(options)
  const { folder, keysMax = defaultKeysMax } = options
  await mkdir(folder, { recursive: true })
  const table = new LeaseTable(settingsOf(fastify, options), join(folder, 'tokens'), {
    statusCode: options.rejectStatus ?? 503,
    retryAfterMs: options.retryAfterMs ?? 300,
    nameField: options.nameField ?? 'name'
  })
  const held = new WeakMap<FastifyRequest, RequestLeases>()
  const release = async (request: FastifyRequest): Promise<void> => held.get(request)?.release()

  fastify.decorateRequest('leases', null)
  fastify.addHook('onRoute', (route) => {
    const leasesOf = route.config?.leases
    if (leasesOf === undefined) return
    const acquire = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const { keys, holder } = leasesOf(request)
      if (keys.length === 0 || exceeds(keys, keysMax)) return
      const leases = new RequestLeases(table.acquire(keys, holder), reply)
      held.set(request, leases)
      request.leases = leases
      // For a client that hangs up, and for a handler that answers past Fastify.
      reply.raw.once('close', () => void leases.release())
      await leases.taken()
      if (reply.sent || reply.raw.destroyed) await leases.release()
    }
    // Last of what runs before the handler, so that what is refused anyway takes none.
    route.preHandler = [route.preHandler ?? [], acquire].flat()
    // Before the answer leaves, so that who has it finds the lease free.
    route.onSend = [(request: FastifyRequest) => release(request), route.onSend ?? []].flat()
    route.onResponse = [route.onResponse ?? [], release].flat()
  })
  fastify.addHook('onClose', () => table.close())
}

function settingsOf(fastify: FastifyInstance, options: LeaseOptions): LeaseSettings {
  const { count = () => undefined, folder, ownerId, ttlMs, renewMs, now } = options
  return {
    folder,
    ttlMs: ttlMs ?? shortestTtlMs,
    renewMs: renewMs ?? shortestRenewMs,
    ownerId: ownerId ?? `${hostname()}:${process.pid}`,
    now: now ?? Date.now,
    onEvent: (event, key, error) => {
      count(event)
      if (event === 'releaseFailed')
        fastify.log.warn({ err: error, ...key }, 'a lease could not be given back')
    }
  }
}

/** Whether there are more than so many different ones. */
function exceeds(keys: readonly LeaseKey[], max: number): boolean {
  if (keys.length <= max) return false
  return new Set(keys.map(({ space, name }) => JSON.stringify([space, name]))).size > max
}

/** Leases for what a request is about to change: whoever comes while another holds one is told at once to come later. */
export default fastifyPlugin(leaseLocks, { name: 'bincard-lease-locks', fastify: '5.x' })
