import Fastify from 'fastify'
import t, { type Test } from 'tap'
import loadShedding, { type PressureLimits } from '../../../plugins/load-shedding/plugin.ts'
import errors from '../../../plugins/errors/plugin.ts'
import requestId from '../../../plugins/request-id/plugin.ts'

const none: PressureLimits = {
  eventLoopDelayMaxMs: Infinity,
  busyLoopDelayMaxMs: Infinity,
  heapUsedMaxBytes: Infinity,
  rssMaxBytes: Infinity,
  sampleIntervalMs: 10
}

async function start(t: Test, limits: Partial<PressureLimits>) {
  const server = Fastify()
  await server.register(errors)
  await server.register(requestId)
  await server.register(loadShedding, { concurrency: 10, queuedMax: 10, pressure: { ...none, ...limits } })
  for (const url of ['/work', '/api/health/readiness', '/api/metrics']) server.get(url, async () => 'done')
  t.teardown(() => server.close())
  await server.ready()
  return server
}

for (const [name, limits] of [
  ['the heap', { heapUsedMaxBytes: 1 }],
  ['the memory of the process', { rssMaxBytes: 1 }],
  ['an event loop that is late', { eventLoopDelayMaxMs: -1000, busyLoopDelayMaxMs: -1000 }]
] as const) {
  t.test(`${name} past its bound turns requests away, but nobody who watches`, async (t) => {
    const server = await start(t, limits)
    let answer = await server.inject('/work')
    for (let turn = 0; answer.statusCode === 200 && turn < 10_000; turn += 1) {
      // Requests that are injected may follow each other without a turn of the event loop, in which timers come.
      await new Promise((resolve) => setImmediate(resolve))
      answer = await server.inject('/work')
    }
    t.equal(answer.statusCode, 503)
    t.match(answer.json(), { error: { name: 'LoadSheddingError', message: /overloaded/ } })
    t.equal(answer.headers['retry-after'], '1')
    t.equal((await server.inject('/api/health/readiness')).statusCode, 200)
    t.equal((await server.inject('/api/metrics')).statusCode, 200)
    t.ok(server.loadShedding.pressure.isShedding)
  })
}

t.test('within its bounds nothing is turned away', async (t) => {
  const server = await start(t, {})
  t.equal((await server.inject('/work')).statusCode, 200)
  t.match(server.loadShedding.requests, { active: 0, queued: 0, limit: 10, queueMax: 10 })
})
