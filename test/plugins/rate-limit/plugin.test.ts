import rateLimiting from '@fastify/rate-limit'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'

import type { Decision, ListingLimiter } from '../../../plugins/rate-limit/limiter.ts'
import type { RateLimitOptions } from '../../../plugins/rate-limit/options.ts'
import rateLimit from '../../../plugins/rate-limit/plugin.ts'

const clock = { now: () => Date.UTC(2026, 0, 2) }

/** A limiter that says what a test wants and keeps whom it was asked about. */
function scripted(answer: (client: string) => Decision | Promise<Decision>) {
  const asked: string[] = []
  const limiter: ListingLimiter = {
    limit: 10,
    rule: '10 for a test',
    take: (client) => {
      asked.push(client)
      return answer(client)
    },
    clients: () => []
  }
  return { limiter, asked }
}

const allowed = { allowed: true, limit: 10, remaining: 4, resetMs: 1500 }
const refused = { allowed: false, limit: 10, remaining: 0, resetMs: 300 }

/** An application with the plugin around the routes of a service, and a host around both. */
async function application(t: Test, options: Partial<RateLimitOptions>, host: FastifyInstance = Fastify()) {
  t.teardown(() => host.close())
  host.get('/host', async () => ({}))
  await host.register(
    async (service) => {
      await service.register(rateLimit, { now: clock.now, ...options })
      for (const url of ['/api/things', '/v1/things', '/v1/admin/things', '/health', '/documentation/json']) {
        service.get(url, async () => ({}))
      }
      service.get(
        '/guarded',
        { onRequest: async (_request, reply) => reply.code(401).send() },
        async () => ({})
      )
      service.setNotFoundHandler(async (_request, reply) => reply.code(404).send())
    },
    { prefix: '/service' }
  )
  await host.ready()
  return host
}

function limiters(answers: { store?: Decision; central?: Decision; administration?: Decision } = {}) {
  const store = scripted(() => answers.store ?? allowed)
  const central = scripted(() => answers.central ?? allowed)
  const administration = scripted(() => answers.administration ?? allowed)
  return {
    asked: { store: store.asked, central: central.asked, administration: administration.asked },
    limiters: { store: store.limiter, central: central.limiter, administration: administration.limiter }
  }
}

t.test('each request counts against the limit of what it asks for', async (t) => {
  const given = limiters()
  const host = await application(t, given)
  for (const [url, api] of [
    ['/api/things', 'store'],
    ['/v1/things', 'central'],
    ['/v1/things?x=/v1/admin', 'central'],
    ['/v1/admin/things', 'administration'],
    ['/v1/%61dmin/things', 'administration'],
    ['/v1', 'central'],
    ['/v1?x', 'central'],
    ['/v1/nowhere', 'central'],
    ['/v1/admin', 'administration'],
    ['/v1/admin/nowhere', 'administration'],
    ['/v1x', 'store'],
    ['/api/nowhere', 'store'],
    ['/health/nowhere', 'store'],
    ['/nowhere', 'store'],
    ['/health', undefined],
    ['/documentation/json', undefined]
  ] as const) {
    for (const list of Object.values(given.asked)) list.length = 0
    const { headers } = await host.inject(`/service${url}`)
    const counted = Object.entries(given.asked).filter(([, list]) => list.length > 0)
    t.strictSame(counted, api === undefined ? [] : [[api, ['127.0.0.1']]], url)
    t.equal(headers['x-ratelimit-limit'], api === undefined ? undefined : '10', url)
  }
  await host.inject({ method: 'POST', url: '/service/health' })
  t.equal(given.asked.store.length, 1, 'a method that the route does not have')
})

t.test('the headers of what is allowed and of what is refused', async (t) => {
  const host = await application(t, limiters({ central: refused }))
  const { headers } = await host.inject('/service/api/things')
  t.match(headers, {
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '4',
    'x-ratelimit-reset': '2',
    'retry-after': undefined
  })
  const answered = await host.inject('/service/v1/things')
  t.equal(answered.statusCode, 429)
  t.match(answered.headers, {
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': '1',
    'retry-after': '1'
  })
  t.match(answered.json(), {
    code: 'RATE_LIMIT_ERROR',
    message: /to the central API: the limit is 10 for a test$/
  })
})

t.test('it comes before whatever a route asks first', async (t) => {
  const host = await application(t, limiters({ store: refused }))
  t.equal((await host.inject('/service/guarded')).statusCode, 429)
})

t.test('a limiter may take its time, and fail', async (t) => {
  const answers: Record<string, Promise<Decision>> = {
    '192.0.2.1': Promise.resolve(allowed),
    '192.0.2.2': Promise.resolve(refused)
  }
  const { limiter } = scripted((client) => answers[client] ?? Promise.reject(new Error('no connection')))
  const host = await application(t, {
    limiters: { store: limiter, central: limiter, administration: limiter }
  })
  for (const [remoteAddress, statusCode] of [
    ['192.0.2.1', 200],
    ['192.0.2.2', 429],
    ['192.0.2.3', 500]
  ] as const) {
    const answered = await host.inject({ url: '/service/api/things', remoteAddress })
    t.equal(answered.statusCode, statusCode, remoteAddress)
  }
})

t.test('the application around it is left alone, and its own limits change nothing', async (t) => {
  const host = Fastify()
  await host.register(rateLimiting, { max: 7, timeWindow: 1000 })
  const given = limiters({ store: refused })
  await application(t, given, host)
  t.match((await host.inject('/host')).headers, { 'x-ratelimit-limit': '7' })
  t.equal((await host.inject('/nowhere')).headers['x-ratelimit-limit'], undefined)
  const answered = await host.inject('/service/api/things')
  t.equal(answered.statusCode, 429)
  t.equal(answered.headers['x-ratelimit-limit'], '10')
  t.strictSame(given.asked.store, ['127.0.0.1'])
  t.notOk('rateLimits' in host)

  const bare = await application(t, limiters({ store: refused }))
  t.equal((await bare.inject('/host')).headers['x-ratelimit-limit'], undefined)
  t.notOk('rateLimit' in bare, 'and the decorators of the library neither')
})

t.test('without limiters nothing is limited, and no clock is asked', async (t) => {
  const now = () => {
    throw new Error('asked')
  }
  const host = await application(t, { now })
  for (const url of ['/api/things', '/v1/admin/things', '/nowhere']) {
    const { headers } = await host.inject(`/service${url}`)
    t.notOk(Object.keys(headers).some((name) => name.startsWith('x-ratelimit')))
  }
})

t.test('what is refused is counted, and who is counted is told', async (t) => {
  const started = clock.now()
  const { limiters: given } = limiters({ store: refused, administration: refused })
  const counts = [9, 5, 2]
  const central: ListingLimiter = {
    ...given.central,
    clients: (now, max) =>
      counts.slice(0, max).map((requestCount, n) => ({
        clientId: `c${n}`,
        requestCount,
        oldestAt: now - n,
        isBlocked: false
      }))
  }
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(rateLimit, { now: clock.now, limiters: { ...given, central } })
  for (const url of ['/api', '/api', '/v1/admin', '/v1/inventory']) await fastify.inject(url)
  t.strictSame(fastify.rateLimits.refused, { store: 2, central: 0, administration: 1 })
  t.strictSame(await fastify.rateLimits.centralClients(2), [
    { clientId: 'c0', requestCount: 9, windowStart: started, isBlocked: false },
    { clientId: 'c1', requestCount: 5, windowStart: started - 1, isBlocked: false }
  ])
})

t.test('options that do not fit are refused at once', async (t) => {
  const { limiters: given } = limiters()
  const unlisted = { ...given.central, clients: undefined }
  for (const [options, message] of [
    [{ now: 5 }, /option now: must be a function/],
    [{ limiters: {} }, /option limiters\.store: must be a limiter/],
    [
      { limiters: { ...given, administration: { take: () => allowed, limit: 0 } } },
      /limiters\.administration\.limit/
    ],
    [{ limiters: { ...given, central: unlisted } }, /option limiters\.central: must say whom it counts/]
  ] as const) {
    const fastify = Fastify()
    await t.rejects(
      async () => {
        await fastify.register(rateLimit, { now: clock.now, ...options } as unknown as RateLimitOptions)
      },
      { message }
    )
  }
})
