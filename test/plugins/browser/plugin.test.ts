import Fastify from 'fastify'
import helmet from '@fastify/helmet'
import cors from '@fastify/cors'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import bincard from '../../../app.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'

const record = '/api/inventory/stores/S1/inventory/K'
const origin = 'https://shop.example'

async function start(t: Test, environment: Record<string, string>) {
  const server = await buildServer(loadConfiguration(environment), { ledger: new MemoryLedger() })
  t.teardown(() => server.close())
  return server
}

const preflight = {
  method: 'OPTIONS',
  url: `${record}/adjust`,
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-api-key,idempotency-key,content-type'
  }
} as const

t.test('without CORS_ORIGIN no page of another origin is let in', async (t) => {
  const server = await start(t, {})
  const answer = await server.inject({ url: record, headers: { origin } })
  t.equal(answer.headers['access-control-allow-origin'], undefined)
  t.equal((await server.inject(preflight)).statusCode, 404)
})

t.test('the pages of the origins that are named may call and read, with a key too', async (t) => {
  const server = await start(t, { CORS_ORIGIN: `${origin},https://other.example`, API_KEYS: 'secret' })
  const allowed = await server.inject(preflight)
  t.equal(allowed.statusCode, 204)
  t.equal(allowed.headers['access-control-allow-origin'], origin)
  t.match(allowed.headers['access-control-allow-methods'], /POST/)
  t.equal(allowed.headers['access-control-allow-headers'], 'x-api-key,idempotency-key,content-type')
  t.equal(allowed.headers['access-control-allow-credentials'], undefined)

  const answer = await server.inject({ url: record, headers: { origin, 'x-api-key': 'secret' } })
  t.equal(answer.statusCode, 404)
  t.equal(answer.headers['access-control-allow-origin'], origin)
  t.match(answer.headers['access-control-expose-headers'], /ETag.*Retry-After/)
  t.equal(answer.headers['x-content-type-options'], 'nosniff')
  t.match(answer.headers.vary, /Origin/)
  t.equal(
    (await server.inject({ url: record, headers: { origin } })).statusCode,
    401,
    'a key is needed still'
  )

  const stranger = await server.inject({
    ...preflight,
    headers: { ...preflight.headers, origin: 'https://evil.example' }
  })
  t.not(stranger.headers['access-control-allow-origin'], 'https://evil.example')
})

t.test('an asterisk lets all pages in', async (t) => {
  const server = await start(t, { CORS_ORIGIN: '*' })
  const answer = await server.inject({ url: record, headers: { origin } })
  t.equal(answer.headers['access-control-allow-origin'], '*')
})

t.test('the documentation has the headers of a page, and the policy that it works under', async (t) => {
  const server = await start(t, {})
  const page = await server.inject('/documentation')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-security-policy'], /default-src 'self';.*frame-ancestors 'none'/)
  t.equal(page.headers['x-content-type-options'], 'nosniff')
  t.equal(page.headers['x-frame-options'], 'SAMEORIGIN')
  t.equal(page.headers['referrer-policy'], 'no-referrer')
  t.notMatch(page.headers['content-security-policy'], /script-src[^;]*unsafe/)
})

t.test('in an application that has helmet and CORS of its own', async (t) => {
  const application = Fastify()
  await application.register(helmet)
  await application.register(cors, { origin: 'https://its-own.example' })
  const configuration = loadConfiguration({ CORS_ORIGIN: origin })
  await application.register(bincard, { configuration, ledger: new MemoryLedger() })
  t.teardown(() => application.close())
  const answer = await application.inject({ url: record, headers: { origin } })
  t.equal(answer.headers['access-control-allow-origin'], 'https://its-own.example')
})
