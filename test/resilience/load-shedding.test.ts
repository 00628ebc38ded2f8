// As many requests as may be are under way: others are turned away, those that watch are not, and all let in are answered.
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { validatedInject } from '../openapi/response-validation.ts'
import { recordPath } from '../routes/service.ts'
import { unpressed } from '../app/unpressed.ts'
import { HeldLedger } from './held-ledger.ts'
import { metricsOf } from './service-metrics.ts'

const environment = {
  RATE_LIMIT_ENABLED: 'false',
  CONCURRENCY_API: '2',
  LOAD_SHED_QUEUE_MAX: '3',
  ROLE: 'api'
}
const adjust = { method: 'POST', url: recordPath('S', 'K', 'adjust'), payload: { delta: 1 } } as const

async function start(t: Test, variables: Record<string, string> = {}) {
  const ledger = new HeldLedger()
  const configuration = loadConfiguration({ ...environment, ...variables })
  const server = await buildServer(configuration, { ledger, pressure: unpressed })
  t.teardown(() => server.close())
  return { ledger, server, inject: await validatedInject(server) }
}

t.test('past the bound requests are turned away at once, and what was let in is finished', async (t) => {
  const { ledger, server, inject } = await start(t)
  const letIn = Array.from({ length: 5 }, () => inject(adjust))
  await ledger.untilWaiting(5)
  t.match((await metricsOf(server)).requests, { active: 2, queued: 3, limit: 2, queueMax: 3 })

  for (const request of [adjust, { method: 'GET', url: recordPath('S', 'K') }] as const) {
    const refused = await inject(request)
    t.equal(refused.statusCode, 503)
    t.match(refused.json(), {
      error: { name: 'LoadSheddingError', code: 'LOAD_SHEDDING_ERROR', details: { retryAfter: 1 } }
    })
    t.equal(refused.headers['retry-after'], '1')
  }
  const paths = [
    '/api/health',
    '/health',
    '/api/health/liveness',
    '/api/health/readiness',
    '/api/health/metrics'
  ]
  for (const url of [...paths, '/v1/inventory/events?offset=1', '/documentation/json']) {
    t.equal((await server.inject(url)).statusCode, 200, url)
  }
  t.equal((await metricsOf(server)).counters.shed, 2)

  ledger.letGo()
  for (const answered of letIn) t.equal((await answered).statusCode, 200)
  t.match((await metricsOf(server)).requests, { active: 0, queued: 0 })
  t.equal((await inject(adjust)).statusCode, 200)
  t.match(await ledger.get('S', 'K', 0), { qty: 6, version: 6 }, 'what was turned away did nothing')
})

t.test('64 connections are let in with the defaults, all at once', async (t) => {
  const { ledger, server } = await start(t, { CONCURRENCY_API: '16', LOAD_SHED_QUEUE_MAX: '50' })
  const letIn = Array.from({ length: 64 }, () => server.inject(adjust))
  await ledger.untilWaiting(64)
  ledger.letGo()
  for (const answered of letIn) t.equal((await answered).statusCode, 200)
  t.equal((await metricsOf(server)).counters.shed, 0)
})

t.test('a client that goes away gives its place back', async (t) => {
  const { ledger, server } = await start(t, { CONCURRENCY_API: '1', LOAD_SHED_QUEUE_MAX: '0' })
  await server.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => '' })
  const { port } = server.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  const body = '{"delta":1}'
  socket.write(
    `POST ${adjust.url} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  )
  await ledger.untilWaiting(1)
  t.equal((await server.inject(adjust)).statusCode, 503)
  socket.destroy()
  await once(socket, 'close')
  while ((await metricsOf(server)).requests.active > 0) await new Promise((resolve) => setImmediate(resolve))
  ledger.letGo()
  t.equal((await server.inject(adjust)).statusCode, 200)
})

t.test('batches that wait for their turn hold up neither single changes nor reads', async (t) => {
  const { ledger, server } = await start(t, { CONCURRENCY_API: '2', LOAD_SHED_QUEUE_MAX: '200' })
  const line = { type: 'adjust', storeId: 'S', sku: 'K', delta: 1 }
  const batch = {
    method: 'POST',
    url: '/api/inventory/movements',
    payload: { movements: [line, line] }
  } as const
  const batches = Array.from({ length: 102 }, () => server.inject(batch))
  await ledger.untilWaiting(2)
  while ((await metricsOf(server)).bulkheads['api']?.queued !== 100)
    await new Promise((resolve) => setImmediate(resolve))
  t.match((await metricsOf(server)).bulkheads, {
    api: { limit: 2, active: 2, queued: 100, queueMax: 100, refused: 0 },
    sync: { active: 0, queued: 0 }
  })
  t.equal((await server.inject(batch)).statusCode, 503, 'the queue is full')
  t.equal((await metricsOf(server)).bulkheads['api']?.refused, 1)

  const single = server.inject(adjust)
  await ledger.untilWaiting(3)
  t.equal((await server.inject(recordPath('S', 'K'))).statusCode, 404)
  t.equal((await server.inject({ method: 'POST', url: '/api/sync' })).statusCode, 200)
  ledger.letGo()
  t.equal((await single).statusCode, 200)
  for (const answered of batches) t.equal((await answered).statusCode, 200)
  t.match(await ledger.get('S', 'K', 0), { qty: 205, version: 205 })
})
