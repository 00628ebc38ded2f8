import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { defaults, limitedService, product, record, status, statuses } from './limited-service.ts'

interface Refusal {
  readonly error: { readonly details: { readonly retryAfter: number } }
}

t.test('the defaults are those of the contract', async (t) => {
  t.match(defaults, { enabled: true, type: 'ip', requestsPerSecond: 100, burst: 200 })
  t.match(defaults, { requestsPerMinute: 100, windowMinutes: 1, adminRequestsPerMinute: 50 })
  const service = await limitedService(t, {})
  for (const [url, limit] of [
    [record, 200],
    [product, 100],
    [status, 50]
  ] as const) {
    const { headers } = await service.get(url)
    t.equal(headers['x-ratelimit-limit'], String(limit), url)
    t.equal(headers['x-ratelimit-remaining'], String(limit - 1), url)
    t.match(headers['x-ratelimit-reset'], url === record ? '1' : '60', url)
    t.ok(
      (await statuses(service, url, limit - 1)).every((code) => code !== 429),
      url
    )
    t.strictSame(await statuses(service, url, 1), [429], url)
  }
})

t.test('a refusal, as an envelope and as a problem', async (t) => {
  const service = await limitedService(t, { requestsPerMinute: 2 })
  await service.get(product)
  service.now += 15_750
  await service.get(product)
  service.now += 1000
  const answered = await service.get(product)
  t.equal(answered.statusCode, 429)
  t.match(answered.headers, {
    'retry-after': '44',
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': '44',
    'x-request-id': String
  })
  t.strictSame(answered.json(), {
    success: false,
    error: {
      name: 'RateLimitError',
      message: 'Too many requests to the central API: the limit is 2 in 60 s from one address',
      code: 'RATE_LIMIT_ERROR',
      statusCode: 429,
      timestamp: new Date(service.now).toISOString(),
      details: { retryAfter: 43.25 }
    }
  })
  const problem = await service.get(product, { accept: 'application/problem+json' })
  t.equal(problem.headers['content-type'], 'application/problem+json')
  t.match(problem.json(), { status: 429, code: 'RATE_LIMIT_ERROR', details: { retryAfter: 43.25 } })
})

t.test('whoever waits as long as it was told is let in, and not before', async (t) => {
  const service = await limitedService(t, {
    requestsPerMinute: 3,
    windowMinutes: 2,
    requestsPerSecond: 3,
    burst: 4
  })
  for (const [url, exhausting] of [
    [product, 6],
    [record, 4]
  ] as const) {
    await statuses(service, url, exhausting)
    const answered = await service.get(url)
    t.equal(answered.statusCode, 429, url)
    const { retryAfter } = answered.json<Refusal>().error.details
    t.ok(
      retryAfter > 0 && Number(answered.headers['retry-after']) === Math.ceil(retryAfter),
      `${retryAfter} s`
    )
    service.now += retryAfter * 1000 - 1
    t.strictSame(await statuses(service, url, 1), [429], 'a millisecond too early')
    service.now += 1
    t.strictSame(await statuses(service, url, 1), [404], url)
    service.now += Number((await service.get(url)).headers['retry-after'] ?? 0) * 1000
    t.strictSame(await statuses(service, url, 1), [404], 'by the header as well')
  }
})

t.test('the APIs have limits of their own', async (t) => {
  const service = await limitedService(t, { requestsPerMinute: 1, adminRequestsPerMinute: 2, burst: 3 })
  t.strictSame(await statuses(service, product, 2), [404, 429])
  t.strictSame(await statuses(service, '/v1/nowhere', 1), [429], 'what is not there counts with its API')
  t.strictSame(await statuses(service, status, 3), [200, 200, 429])
  t.strictSame(await statuses(service, record, 2), [404, 404])
  t.strictSame(
    await statuses(service, '/stores/S1/inventory/K1', 2),
    [404, 429],
    'the older path with the new'
  )
})

t.test('health and the documentation are not limited', async (t) => {
  const limits = { ...defaults, requestsPerMinute: 1, burst: 1 }
  const server = await buildServer(
    { ...loadConfiguration({}), rateLimit: limits },
    { ledger: new MemoryLedger() }
  )
  t.teardown(() => server.close())
  for (const url of [
    '/api/health',
    '/health',
    '/api/health/liveness',
    '/documentation',
    '/documentation/json',
    '/documentation/static/swagger-ui.css'
  ]) {
    for (let request = 0; request < 3; request++) {
      const answered = await server.inject(url)
      t.equal(answered.statusCode, 200, url)
      t.equal(answered.headers['x-ratelimit-limit'], undefined, url)
    }
  }
  t.equal((await server.inject('/api/health/nothing')).statusCode, 404)
  t.equal((await server.inject('/api/health/nothing')).statusCode, 429, 'what is not there is')
})

t.test('keys are not guessed any faster', async (t) => {
  const keys = { apiKeys: ['caller-key'], adminApiKeys: ['admin-key'] }
  const service = await limitedService(t, { requestsPerMinute: 3, adminRequestsPerMinute: 2, burst: 2 }, keys)
  const guess = { headers: { 'x-api-key': 'guess' } }
  t.strictSame(await statuses(service, product, 4, guess), [401, 401, 401, 429])
  t.strictSame(await statuses(service, status, 3, guess), [401, 401, 429])
  t.strictSame(await statuses(service, record, 3, guess), [401, 401, 429])
})

t.test('switched off, nothing is limited and nothing said of it', async (t) => {
  const service = await limitedService(t, {
    enabled: false,
    requestsPerMinute: 1,
    burst: 1,
    adminRequestsPerMinute: 1
  })
  t.strictSame(await statuses(service, product, 3), [404, 404, 404])
  t.strictSame(await statuses(service, record, 3), [404, 404, 404])
  const answered = await service.get(status)
  t.notOk(Object.keys(answered.headers).some((name) => name.startsWith('x-ratelimit')))
  t.strictSame(answered.json(), {
    enabled: false,
    type: 'ip',
    requestsPerMinute: 1,
    adminRequestsPerMinute: 1,
    currentClients: []
  })
})

t.test('a clock that is set keeps nobody out for long', async (t) => {
  const hour = 3_600_000
  const service = await limitedService(t, { requestsPerMinute: 2, burst: 2 })
  for (const jump of [-hour, hour, -24 * hour]) {
    for (const url of [product, record]) await statuses(service, url, 3)
    service.now += jump
    for (const url of [product, record]) {
      const answered = await service.get(url)
      service.now += Number(answered.headers['retry-after'] ?? 0) * 1000
      t.ok(Number(answered.headers['retry-after'] ?? 0) <= 60, url)
      t.strictSame(await statuses(service, url, 1), [404], `${url} after a jump of ${jump} ms`)
    }
    service.now += 120_000
  }
})
