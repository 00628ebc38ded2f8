import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

export interface ConsoleOptions {
  /** Where the files of the page are; each is served below `/console/`, index.html as `/console/` itself. */
  readonly folder: string
}

// What the page needs, all of it from this server: nothing inline, nothing from data. Trusted types leave it no way to make
// elements from text, so what a SKU is called can never become one.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'"
].join('; ')

const headers = {
  // A browser asks each time whether its copy is still good: the files have no version in their names.
  'cache-control': 'no-cache',
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY'
}

/**
 * Serves the page for people at `/console`. It shows what the API answers its browser, so it is given to everybody and
 * is in no document. Rejects where the folder is not there.
 */
async function consolePage(fastify: FastifyInstance, options: ConsoleOptions): Promise<void> {
  await fastify.register((scope: FastifyInstance) => page(scope, options))
}

async function page(fastify: FastifyInstance, { folder }: ConsoleOptions): Promise<void> {
  fastify.addHook('onRoute', (route) => {
    route.config = { ...route.config, apiKey: 'none' }
  })
  fastify.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  // Relative, so that it is right below any prefix and behind any proxy.
  fastify.get('/console', { schema: { hide: true } }, (_request, reply) => reply.redirect('console/', 308))
  await fastify.register(fastifyStatic, {
    root: folder,
    prefix: '/console/',
    // A route for each file there is: what is not there is the service's own 404, and no path is put together.
    wildcard: false,
    decorateReply: false,
    cacheControl: false
  })
}

export default fp(consolePage, {
  name: 'bincard-console',
  fastify: '5.x',
  dependencies: ['bincard-errors', 'bincard-request-id', 'bincard-rate-limit', 'bincard-api-keys']
})
