import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { Counter, Registry } from 'prom-client'
import t, { type Test } from 'tap'
import metrics, { type MetricsOptions } from '../../../plugins/metrics/plugin.ts'
import { parseExposition, valueOf } from './exposition.ts'

const port = { port: 0, host: '127.0.0.1' }

/** An application of somebody else, with a few routes. */
async function application(t: Test, options: MetricsOptions = {}): Promise<FastifyInstance> {
  const fastify = Fastify({ trustProxy: true })
  t.teardown(() => fastify.close())
  await fastify.register(metrics, options)
  fastify.get('/things/:id', async () => 'thing')
  fastify.route({ method: ['PUT', 'DELETE'], url: '/things/:id', handler: async () => 'changed' })
  fastify.post('/things', async () => {
    throw Object.assign(new Error('no'), { statusCode: 409 })
  })
  fastify.get('/limited', (_request, reply) => reply.code(429).send())
  await fastify.register(
    async (below) => {
      below.get('/deep/*', { onResponse: [(_request, _reply, done) => done()] }, async () => 'deep')
    },
    { prefix: '/v2' }
  )
  return fastify
}

async function scraped({ metrics: { registry } }: FastifyInstance) {
  return parseExposition(await registry.metrics())
}

t.test('requests are counted and timed by pattern and method', async (t) => {
  const fastify = await application(t)
  for (const [method, url] of [
    ['GET', '/things/1'],
    ['GET', '/things/2?a=b'],
    ['HEAD', '/things/3'],
    ['PUT', '/things/3'],
    ['DELETE', '/things/3'],
    ['POST', '/things'],
    ['GET', '/v2/deep/a/b']
  ] as const)
    await fastify.inject({ method, url })
  const families = await scraped(fastify)
  const counted = families
    .get('api_requests_total')
    ?.samples.map(({ labels, value }) => [`${labels['method']} ${labels['endpoint']}`, value])
  t.strictSame(Object.fromEntries(counted ?? []), {
    'GET /things/:id': 2,
    'HEAD /things/:id': 1,
    'PUT /things/:id': 1,
    'DELETE /things/:id': 1,
    'POST /things': 1,
    'GET /v2/deep/*': 1
  })
  t.equal(valueOf(families, 'api_request_duration_seconds', { endpoint: '/things/:id', method: 'GET' }), 2)
  t.equal(valueOf(families, 'api_errors_total', { status: '409', endpoint: '/things' }), 1)
  t.equal(valueOf(families, 'api_errors_total'), 1)
  const sum = families.get('api_request_duration_seconds')?.samples.find(({ name }) => name.endsWith('_sum'))
  t.ok((sum?.value ?? 0) > 0, 'time has passed')
})

t.test('a flood of paths makes one series', async (t) => {
  const fastify = await application(t)
  const hostile = ['/a"b\\c', '/%00', '/..%2F..%2Fetc', `/${'x'.repeat(5000)}`, '/things/%E2%82%AC/more']
  for (let index = 0; index < 50; index += 1) hostile.push(`/random/${index}?q=${index}`)
  for (const url of hostile) await fastify.inject({ method: 'GET', url, headers: { 'x-forwarded-for': url } })
  const families = await scraped(fastify)
  t.equal(valueOf(families, 'api_requests_total', { endpoint: 'unknown', method: 'GET' }), hostile.length)
  t.equal(families.get('api_requests_total')?.samples.length, 1)
  t.equal(families.get('api_errors_total')?.samples.length, 1)
})

t.test('where clients are', async (t) => {
  const fastify = await application(t)
  const addresses = {
    localhost: ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'],
    internal: [
      '10.1.2.3',
      '172.31.0.1',
      '192.168.0.9',
      '169.254.1.1',
      'fd00::1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1'
    ],
    external: [
      '8.8.8.8',
      '172.32.0.1',
      '11.0.0.1',
      '2001:db8::1',
      '::ffff:8.8.8.8',
      'unknown',
      'x'.repeat(100)
    ]
  }
  for (const list of Object.values(addresses)) {
    for (const address of list) {
      await fastify.inject({ url: '/limited', headers: { 'x-forwarded-for': address } })
    }
  }
  const families = await scraped(fastify)
  for (const [type, list] of Object.entries(addresses)) {
    t.equal(valueOf(families, 'api_requests_by_client_ip_type', { type }), list.length, type)
    t.equal(valueOf(families, 'api_response_time_by_client_type', { type }), list.length, type)
    t.equal(valueOf(families, 'rate_limit_violations_total', { type }), list.length, type)
  }
})

t.test('named counters go back to zero, and the instruments do not', async (t) => {
  const registry = new Registry()
  const sales = new Counter({ name: 'sales_total', help: 'x', labelNames: ['till'], registers: [registry] })
  const counters = {
    sales: { counter: sales },
    firstTill: { counter: sales, labels: { till: '1' } },
    secondTill: { counter: sales, labels: { till: '2' } }
  }
  const fastify = await application(t, { registry, counters, prefix: 'shop_' })
  const count = (name: string, by?: number) => fastify.metrics.count(name as 'requests', by)
  count('firstTill')
  count('secondTill', 3)
  await fastify.inject('/nowhere')
  t.match(await fastify.metrics.counters(), { sales: 4, firstTill: 1, secondTill: 3, requests: 1, errors: 1 })
  await fastify.metrics.reset()
  t.match(await fastify.metrics.counters(), { sales: 0, firstTill: 0, secondTill: 0, requests: 0, errors: 0 })
  count('firstTill')
  t.match(await fastify.metrics.counters(), { sales: 1, firstTill: 1, secondTill: 0 })
  const families = parseExposition(await registry.metrics())
  t.equal(valueOf(families, 'sales_total'), 5)
  t.equal(valueOf(families, 'shop_api_requests_total'), 1)
  t.throws(() => count('others'), RangeError)
})

t.test('a figure that cannot be read is left out, and the rest is there', async (t) => {
  const fastify = await application(t)
  let broken = false
  fastify.metrics.watch({ name: 'temperature', help: 'x', labelNames: ['room'] }, () => {
    if (broken) throw new Error('no thermometer')
    return [[{ room: 'cellar' }, 12]]
  })
  fastify.metrics.watch({ name: 'pressure', help: 'x' }, async () => {
    if (broken) throw new Error('no barometer')
    return [[{}, 1013]]
  })
  t.equal(valueOf(await scraped(fastify), 'temperature', { room: 'cellar' }), 12)
  t.equal(valueOf(await scraped(fastify), 'pressure'), 1013)
  broken = true
  const families = await scraped(fastify)
  t.strictSame(families.get('temperature')?.samples, [])
  t.strictSame(families.get('pressure')?.samples, [])
  t.ok(families.has('api_requests_total'))
})

t.test('a port of its own, from the time at which the application listens', async (t) => {
  const fastify = await application(t, { scrape: port })
  await fastify.inject('/things/1')
  t.equal(fastify.metrics.url, undefined, 'not before')
  await fastify.listen({ port: 0 })
  await fastify.metrics.listen()
  const url = fastify.metrics.url ?? ''
  const answer = await fetch(url)
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const families = parseExposition(await answer.text())
  t.equal(valueOf(families, 'api_requests_total'), 1)
  t.ok(families.has('nodejs_eventloop_lag_seconds'), 'with what Node knows of its process')
  t.equal((await fetch(url, { method: 'HEAD' })).status, 200)
  t.equal((await fetch(url, { method: 'POST' })).headers.get('allow'), 'GET, HEAD')
  t.equal((await fetch(`${url}/../other`)).status, 404)
  await fastify.metrics.listen()
  t.equal(fastify.metrics.url, url, 'it is opened once')
  fastify.metrics.registry.registerMetric({
    name: 'broken',
    get: () => Promise.reject(new Error('x'))
  } as never)
  t.equal((await fetch(url)).status, 500, 'a scrape that fails says so')
  await fastify.close()
  await t.rejects(fetch(url), 'it is closed with the application')
})

t.test('the application listens where the port for scrapes cannot be had', async (t) => {
  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  t.teardown(() => occupied.close())
  const fastify = await application(t, {
    scrape: { ...port, port: (occupied.address() as AddressInfo).port }
  })
  const url = await fastify.listen({ port: 0 })
  t.equal((await fetch(`${url}/things/1`)).status, 200)
  t.equal(fastify.metrics.url, undefined)
  await t.rejects(fastify.metrics.listen(), { code: 'EADDRINUSE' })
})

t.test('options that do not fit are named', async (t) => {
  for (const [options, message] of [
    [{ prefix: '9' }, /option prefix: must be the beginning/],
    [{ prefix: '' }, /option prefix/],
    [{ scrape: { port: 70_000, host: '::1' } }, /option scrape\.port: must be a port/],
    [{ scrape: { port: 1 } }, /option scrape\.host/],
    [{ registry: {} }, /option registry: must be one of prom-client/],
    [{ counters: { a: {} } }, /option counters\.a\.counter/],
    [{ other: 1 }, /option other/]
  ] as const) {
    const fastify = Fastify()
    await t.rejects(async () => fastify.register(metrics, options as never), { name: 'TypeError', message })
  }
})
