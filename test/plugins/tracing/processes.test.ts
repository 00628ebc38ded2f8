import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { serverProgram } from '../../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../../processes/server-process.ts'
import { recordPath } from '../../routes/service.ts'
import { startCollector } from './collector.ts'

const asked = '0af7651916cd43dd8448eb211c80319c'
const asker = 'b7ad6b7169203331'
const route = 'POST /api/inventory/stores/:storeId/inventory/:sku/adjust'

function start(t: Test, endpoint: string, variables: Record<string, string> = {}): ServerProcess {
  const server = new ServerProcess({
    arguments: [serverProgram],
    environment: {
      ...serviceEnvironment(t.testdir()),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      ...variables
    }
  })
  t.teardown(() => server.end('SIGKILL'))
  return server
}

function adjust(url: string, traceFlags = '01'): Promise<Response> {
  return fetch(`${url}${recordPath('S1', 'A', 'adjust')}?key=not-for-a-span`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': 'key-1',
      'x-api-key': 'secret-of-a-shop',
      traceparent: `00-${asked}-${asker}-${traceFlags}`
    },
    body: '{"delta":5}'
  })
}

t.test(
  'the processes of a cluster send the spans of requests, of the steps of units, and of passes',
  async (t) => {
    const collector = await startCollector(t)
    const server = start(t, collector.url, {
      INVENTORY_WORKER_COUNT: '2',
      LOG_LEVEL: 'debug',
      API_KEYS: 'secret-of-a-shop'
    })
    const url = await server.ready
    t.equal((await adjust(url)).status, 200)
    const root = await collector.has(({ name }) => name === route)
    const pass = await collector.has(
      ({ name, attributes }) => name === 'sync pass' && Number(attributes['bincard.applied']) === 1
    )
    // What is made while it ends is sent as well.
    t.equal((await fetch(`${url}/health`)).status, 200)
    await server.end('SIGTERM')
    t.equal(await server.exit(), 0)
    t.ok(collector.spans.some(({ name }) => name === 'GET /health'))

    t.match(root, { trace: asked, parent: asker, resource: { 'service.name': 'bincard' } })
    t.equal(root.resource['deployment.environment.name'], 'test')
    const childrenOf = (id: string) => collector.spans.filter(({ parent }) => parent === id)
    const steps = childrenOf(root.id)
    t.strictSame(
      steps.map(({ name }) => name),
      ['queue', 'idempotency', 'decide', 'group commit']
    )
    const commit = steps.at(-1)
    const parts = childrenOf(commit?.id ?? '')
    t.strictSame(
      parts.map(({ name }) => name),
      ['append', 'sync']
    )
    for (const span of [...steps, ...parts]) {
      t.equal(span.trace, asked)
      t.ok(span.from >= root.from && span.to <= root.to && span.from <= span.to, `${span.name} is within`)
    }
    t.equal(pass.parent, undefined, 'a pass is a trace of its own')
    t.not(pass.resource['process.pid'], root.resource['process.pid'], 'of a process of its own')
    t.not(pass.resource['service.instance.id'], root.resource['service.instance.id'])
    t.strictSame(
      childrenOf(pass.id).map(({ name }) => name),
      ['expire', 'apply', 'save', 'upkeep']
    )
    const all = JSON.stringify(collector.spans.map(({ attributes }) => attributes))
    t.notMatch(all, /secret|not-for-a-span/)

    const lines = server.output.split('\n').filter((line) => line.includes(asked))
    t.match(
      lines.map((line) => JSON.parse(line) as object),
      [
        { msg: 'applied', trace_id: asked, span_id: root.id, reqId: String },
        { msg: 'request completed', trace_id: asked, span_id: root.id, reqId: String }
      ]
    )
  }
)

t.test('a collector that never answers holds nothing up', async (t) => {
  const silent = createServer()
  const sockets: Socket[] = []
  silent.on('connection', (socket) => sockets.push(socket.on('error', () => undefined)))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const server = start(t, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, {
    ROLE: 'api',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    SHUTDOWN_TIMEOUT_MS: '60000'
  })
  const url = await server.ready
  t.equal((await adjust(url)).status, 200)
  const said = () => server.output.match(/traces cannot be sent/g)?.length ?? 0
  while (said() === 0) await delay(20)
  t.equal((await adjust(url)).headers.get('idempotency-replayed'), 'true')
  const before = performance.now()
  await server.end('SIGTERM')
  t.equal(await server.exit(), 0)
  t.ok(performance.now() - before < 30_000, 'it did not wait for its time to be over')
  t.equal(said(), 1, 'and was told of once')
})
