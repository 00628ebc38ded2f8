// Clients that send slowly, or nothing, or leave: the server lets go of them.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { Admission } from '../../plugins/feed/admission.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { startListening } from '../feed/listening-service.ts'

/** As of a server in production, but short. */
const patience = { headersMs: 100, requestMs: 200, silenceMs: 400, nextRequestMs: 100, lookMs: 20 }

async function start(t: Test): Promise<(bytes: string) => Promise<Socket>> {
  const server = await buildServer(loadConfiguration({}), { ledger: new MemoryLedger(), patience })
  t.teardown(() => server.close())
  await server.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => '' })
  const { port } = server.server.address() as AddressInfo
  return async (bytes) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    if (bytes !== '') socket.write(bytes)
    return socket
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

const timedOut = /^HTTP\/1\.1 408 .*"code":"VALIDATION_ERROR","statusCode":408/s

t.test('requests that do not come to their end', async (t) => {
  const open = await start(t)
  const post = 'POST /api/inventory/movements HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n'
  const [line, headers, body] = await Promise.all([
    open('GET /api/he').then(text),
    open(`${post}x-slow: `).then(text),
    open(`${post}content-length: 100\r\n\r\n{"mov`).then(text)
  ])
  t.match(line, timedOut, 'half a request line')
  t.match(headers, timedOut, 'half of the headers')
  t.match(body, timedOut, 'half of a body')
})

t.test('connections on which nothing comes', async (t) => {
  const open = await start(t)
  const silent = await open('')
  const idle = await open('GET /api/health/liveness HTTP/1.1\r\nhost: a\r\n\r\n')
  const [, answer] = await Promise.all([text(silent), text(idle)])
  t.match(answer, /^HTTP\/1\.1 200 /)
  t.pass('both were closed by the server')
})

t.test('connections whose client has closed its side', async (t) => {
  const { port, feed } = await startListening(t)
  const open = () => connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const whole = open()
  whole.end('GET /api/health/liveness HTTP/1.1\r\nhost: a\r\n\r\n')
  t.match(await text(whole), /^HTTP\/1\.1 200 /, 'what was asked until then is answered')
  const waiting = open()
  waiting.write('GET /v1/inventory/events?offset=1&wait=60 HTTP/1.1\r\nhost: a\r\n\r\n')
  while (feed.waiting === 0) await turn()
  waiting.end()
  t.equal(await text(waiting), '', 'who waits for what is yet to happen is let go')
  t.equal(feed.waiting, 0, 'and forgotten')
})

t.test('headers that are too many bytes', async (t) => {
  const open = await start(t)
  const socket = await open(`GET /api/health HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(17_000)}\r\n\r\n`)
  t.match(await text(socket), /^HTTP\/1\.1 431 /)
})

t.test('1,024 requests of one client may wait for events, others besides', async (t) => {
  const { server, ledger, feed } = await startListening(t)
  const ask = (remoteAddress: string) =>
    server.inject({ url: '/v1/inventory/events?offset=1&wait=60', remoteAddress })
  const waiting = Array.from({ length: 1024 }, () => ask('10.0.0.1'))
  const answered = Promise.all(waiting)
  while (feed.waiting < 1024) await turn()
  const refused = await ask('10.0.0.1')
  t.equal(refused.statusCode, 429)
  t.match(refused.json(), { error: { code: 'RATE_LIMIT_ERROR' } })
  t.equal(refused.headers['retry-after'], '1')
  const other = ask('10.0.0.2')
  const command = { type: 'adjust', storeId: 'S1', sku: 'K1', delta: 1 } as const
  while (feed.waiting < 1025) await turn()
  await ledger.execute({ at: Date.now(), atomic: false, lines: [{ command }] })
  t.strictSame(new Set((await answered).map(({ statusCode }) => statusCode)), new Set([200]))
  t.equal((await other).statusCode, 200)
  t.equal((await ask('10.0.0.1')).statusCode, 200, 'there is room again')
})

t.test('so many may wait for events, for each client and in all', async (t) => {
  const admission = new Admission({ perClientMax: 2, max: 3 })
  const leave = admission.enter('a')
  admission.enter('a')
  t.throws(() => admission.enter('a'), { message: /2 requests of yours/ })
  admission.enter('b')
  t.throws(() => admission.enter('c'), { message: /Too many requests wait/ })
  leave()
  admission.enter('a')
  t.throws(() => admission.enter('a'), { message: /2 requests of yours/ })
})
