import { createRequire } from 'node:module'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Tracer } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { FaultyFileSystem } from '../../../adapters/file-system/faulty-file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import type { UnitTrace } from '../../../domain/unit-trace.ts'
import type { Unit } from '../../../domain/unit.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import tracing from '../../../plugins/tracing/plugin.ts'
import { buildServer } from '../../../server.ts'
import { recordPath } from '../../routes/service.ts'
import { ownFolder } from '../../processes/own-folder.ts'

const trace = '0af7651916cd43dd8448eb211c80319c'
const caller = 'b7ad6b7169203331'
const traceparent = `00-${trace}-${caller}-01`

/** What is loaded of OpenTelemetry beside its interface, which prom-client loads; nothing here may load it beforehand. */
const loaded = (): string[] =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => /@opentelemetry.(?!api\b)/.test(path))

/** A tracer, and the spans that have ended. */
async function spansKept(): Promise<{ tracer: Tracer; spans: () => readonly ReadableSpan[] }> {
  const sdk = await import('@opentelemetry/sdk-trace-base')
  const exporter = new sdk.InMemorySpanExporter()
  const provider = new sdk.BasicTracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] })
  return { tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() }
}

function post(server: FastifyInstance, url: string, payload: object, headers: Record<string, string> = {}) {
  return server.inject({ method: 'POST', url, payload, headers })
}

t.test('off, nothing of the SDK is loaded', async (t) => {
  for (const off of [{}, { OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'TRUE' }]) {
    const server = await buildServer(loadConfiguration({ LEDGER_URL: 'memory:', ...off }))
    t.equal(
      (await post(server, recordPath('S1', 'A', 'adjust'), { delta: 5 }, { traceparent })).statusCode,
      200
    )
    await server.close()
  }
  t.strictSame(loaded(), [])
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
  const server = await buildServer(loadConfiguration({ LEDGER_URL: 'memory:', ...on }))
  t.not(loaded().length, 0, 'which would have been seen')
  t.equal((await post(server, recordPath('S1', 'A', 'adjust'), { delta: 5 })).statusCode, 200)
  // Nobody listens there: what could not be sent is given up.
  await server.close()
})

/** An application of somebody else. */
async function application(t: Test) {
  const { tracer, spans } = await spansKept()
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) }
  const fastify = Fastify({ logger: { stream }, exposeHeadRoutes: false })
  t.teardown(() => fastify.close())
  fastify.addHttpMethod('PROPFIND')
  await fastify.register(tracing, { tracer })
  fastify.get('/things/:id', async ({ log, span }) => {
    span?.setAttribute('shop.thing', 'hat')
    log.info('sold')
    return 'thing'
  })
  fastify.get('/broken', async () => {
    throw new Error('no')
  })
  fastify.route({ method: 'PROPFIND', url: '/coffee', handler: async () => 'coffee' })
  return { fastify, spans, lines }
}

t.test('a request has one span by the conventions, which goes on from its caller', async (t) => {
  const { fastify, spans, lines } = await application(t)
  await fastify.inject({ url: '/things/7?key=secret', headers: { traceparent, 'x-api-key': 'secret' } })
  const [span] = spans()
  t.match(span, {
    name: 'GET /things/:id',
    kind: 1,
    status: { code: 0 },
    parentSpanContext: { spanId: caller }
  })
  t.strictSame(span?.attributes, {
    'http.request.method': 'GET',
    'http.route': '/things/:id',
    'url.path': '/things/7',
    'url.scheme': 'http',
    'server.address': 'localhost',
    'client.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'shop.thing': 'hat',
    'http.response.status_code': 200
  })
  const id = span?.spanContext().spanId
  t.same(
    lines.filter(({ msg }) => msg === 'sold').map(({ trace_id, span_id }) => [trace_id, span_id]),
    [[trace, id]]
  )
})

t.test('only the server’s own failures are errors, and no caller makes up names', async (t) => {
  const { fastify, spans } = await application(t)
  for (const url of ['/broken', '/nowhere/7']) await fastify.inject({ url, headers: { traceparent: '00-x' } })
  await fastify.inject({ method: 'PROPFIND' as 'GET', url: '/coffee' })
  t.match(
    spans().map(({ name, status, attributes, parentSpanContext }) => ({
      name,
      status,
      attributes,
      parentSpanContext
    })),
    [
      { name: 'GET /broken', status: { code: 2 }, attributes: { 'error.type': '500' } },
      { name: 'GET', status: { code: 0 }, attributes: { 'http.response.status_code': 404 } },
      {
        name: 'HTTP /coffee',
        attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' }
      }
    ]
  )
  t.notOk(
    spans().some(({ parentSpanContext }) => parentSpanContext),
    'what is no traceparent is not believed'
  )
})

t.test('a request whose client goes has its span too', async (t) => {
  const { fastify, spans } = await application(t)
  let isHere: () => void = () => undefined
  const here = new Promise<void>((resolve) => (isHere = resolve))
  fastify.get('/slow', () => {
    isHere()
    return new Promise(() => undefined)
  })
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET /slow HTTP/1.1\r\nhost: here\r\n\r\n')
  await here
  socket.destroy()
  while (spans().length === 0) await delay(5)
  t.match(spans(), [{ name: 'GET /slow', attributes: { 'error.type': 'aborted' } }])
})

t.test('a wrong option is refused', async (t) => {
  for (const options of [{ tracer: {} }, { traces: true }]) {
    await t.rejects(
      async () => Fastify().register(tracing, options as object),
      /^bincard-tracing: option trace/
    )
  }
})

t.test('the service traces what it turns away, and the passes of its thread', async (t) => {
  const { tracer, spans } = await spansKept()
  const configuration = loadConfiguration({
    DATA_DIR: ownFolder(t),
    DATA_PATH: '',
    API_KEYS: 'secret',
    RATE_LIMIT_BURST: '2',
    CORS_ORIGIN: 'https://shop.example'
  })
  const server = await buildServer(configuration, { tracer, clock: () => 1_700_000_000_000 })
  const path = recordPath('S1', 'A', 'adjust')
  const movements = [1, 2].map((delta) => ({ type: 'adjust', storeId: 'S1', sku: 'A', delta }))
  await post(server, path, { delta: 5 })
  await post(server, '/api/inventory/movements', { movements }, { 'x-api-key': 'secret', traceparent })
  await post(server, path, { delta: 5 })
  await server.inject({
    method: 'OPTIONS',
    url: path,
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' }
  })
  const named = (start: string) => spans().filter(({ name }) => name.startsWith(start))
  const applied = () => named('sync pass').map(({ attributes }) => Number(attributes['bincard.applied']))
  while (applied().reduce((sum, count) => sum + count, 0) < 2) await delay(20)
  await server.close()
  t.strictSame(
    named('POST').map(({ attributes }) => attributes['http.response.status_code']),
    [401, 200, 429]
  )
  t.equal(named('OPTIONS').length, 1)
  t.match(named('decide'), [{ attributes: { 'bincard.lines': 2 } }])
  // The caller does not want its trace to be kept.
  const quiet = await buildServer(loadConfiguration({ LEDGER_URL: 'memory:' }), { tracer })
  const before = spans().length
  await post(quiet, path, { delta: 5 }, { traceparent: traceparent.replace(/01$/, '00') })
  await quiet.close()
  t.equal(named('POST').length, 3)
  t.ok(
    spans()
      .slice(before)
      .every(({ name }) => !['decide', 'queue'].includes(name))
  )
})

/** What a unit was told, the steps within a step after its name. */
function told(): { trace: UnitTrace; steps: string[] } {
  const steps: string[] = []
  const traceOf = (path: string): UnitTrace => ({
    took: (step, from, to, facts = {}) => {
      const flags = Object.keys(facts).filter((name) => facts[name] === true)
      steps.push([path + step, ...flags, ...(from <= to ? [] : ['backwards'])].join(' '))
      return traceOf(`${path}${step}/`)
    }
  })
  return { trace: traceOf(''), steps }
}

const unit = (trace: UnitTrace): Unit => ({
  at: 1,
  atomic: false,
  lines: [{ command: { type: 'adjust', storeId: 'S1', sku: 'A', delta: 1 } }],
  trace
})

t.test('a unit is told that another process was before it, and that it was decided again', async (t) => {
  const fileSystem = new MemoryFileSystem()
  const first = await openWalLedger({ dataFolder: '/ledger', fileSystem })
  const second = await openWalLedger({ dataFolder: '/ledger', fileSystem })
  const [one, other] = [told(), told()]
  await Promise.all([first.execute(unit(one.trace)), second.execute(unit(other.trace))])
  const once = ['queue', 'decide', 'commit', 'commit/append', 'commit/sync']
  const twice = ['queue', 'decide', 'commit void', 'commit/append', 'commit/sync', ...once]
  t.strictSame(
    [one.steps, other.steps].sort((a, b) => a.length - b.length),
    [once, twice]
  )
  await first.close()
  await second.close()
})

t.test('a unit is told that its sync failed', async (t) => {
  const fileSystem = new FaultyFileSystem(new MemoryFileSystem())
  const ledger = await openWalLedger({ dataFolder: '/ledger', fileSystem })
  const nth = fileSystem.log.filter((name) => name === 'syncData').length + 1
  fileSystem.plan = [{ kind: 'fail', code: 'EIO', operation: 'syncData', nth }]
  const { trace, steps } = told()
  await t.rejects(ledger.execute(unit(trace)), { code: 'in_doubt' })
  t.strictSame(steps, ['queue', 'decide', 'commit failed', 'commit/append', 'commit/sync failed'])
  await ledger.close()
})
