import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

export interface BrowserOptions {
  /** The origins whose pages may call; `*` for those of everybody, none for those of this server alone. */
  readonly origins: readonly string[] | '*'
}

/** Headers of answers that a page may read. */
const exposedHeaders = [
  'ETag',
  'Idempotency-Replayed',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-Id'
]

const preflightSeconds = 600

/**
 * What browsers are told where pages of other origins may call: which ones, and that an answer is what its type says. Cookies are never asked for:
 * the API knows its callers by a header that no browser adds by itself.
 */
async function browser(fastify: FastifyInstance, { origins }: BrowserOptions): Promise<void> {
  // One of the application around the service answers for it as well.
  if (origins.length === 0 || fastify.hasRequestDecorator('corsPreflightEnabled')) return
  fastify.addHook('onRequest', (_request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff')
    done()
  })
  await fastify.register(cors, {
    origin: origins === '*' ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    exposedHeaders,
    maxAge: preflightSeconds,
    // A request without an origin, or of another kind, is answered as ever: only a browser asks for more.
    strictPreflight: false
  })
}

export default fp(browser, { name: 'bincard-browser', fastify: '5.x' })
