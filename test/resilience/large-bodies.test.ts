// Of large bodies two are parsed at a time; others wait as bytes, and whoever goes away gives the turn to the next.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { unpressed } from '../app/unpressed.ts'
import { recordPath } from '../routes/service.ts'
import { HeldLedger } from './held-ledger.ts'
import { metricsOf } from './service-metrics.ts'

const lineCount = 1000
const line = { type: 'adjust', storeId: 'a store', sku: 'K', delta: 1, reason: 'r'.repeat(90) }
const url = '/api/inventory/movements'
const payload = JSON.stringify({ movements: Array.from({ length: lineCount }, () => line) })
const batch = { method: 'POST', url, headers: { 'content-type': 'application/json' }, payload } as const
const request = `POST ${url} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`

async function start(t: Test) {
  const ledger = new HeldLedger()
  const configuration = loadConfiguration({ RATE_LIMIT_ENABLED: 'false', ROLE: 'api' })
  const server = await buildServer(configuration, { ledger, pressure: unpressed })
  t.teardown(() => server.close())
  await server.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => '' })
  const changed = async () => (await ledger.get(line.storeId, line.sku, 0))?.version
  return { ledger, server, changed }
}

/** Sends a batch by a connection of its own, whose answer nobody waits for. */
async function send(server: FastifyInstance): Promise<Socket> {
  const { port } = server.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  await once(socket, 'connect')
  return socket
}

async function gone(socket: Socket): Promise<void> {
  socket.destroy()
  await once(socket, 'close')
}

async function underWay(server: FastifyInstance): Promise<number> {
  const { requests } = await metricsOf(server)
  return requests.active + requests.queued
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('two large bodies are parsed, and small ones beside them', async (t) => {
  const { ledger, server, changed } = await start(t)
  const batches = Array.from({ length: 5 }, () => server.inject(batch))
  await ledger.untilWaiting(2)
  const small = server.inject({ method: 'POST', url: recordPath('S', 'K', 'adjust'), payload: { delta: 1 } })
  await ledger.untilWaiting(3)
  // What may be parsed is parsed within a few turns of the loop, and the others are still bytes after hundreds.
  for (let turns = 0; turns < 500; turns += 1) await turn()
  t.equal(ledger.waiting, 3)
  t.equal((await server.inject({ ...batch, payload: '{' })).statusCode, 400, 'nor do small ones wait')
  ledger.letGo()
  t.equal((await small).statusCode, 200)
  for (const answered of batches) t.equal((await answered).statusCode, 200)
  t.equal(await changed(), 5 * lineCount)
})

t.test('a large body that is refused gives its turn back', async (t) => {
  const { ledger, server, changed } = await start(t)
  ledger.letGo()
  const wrong = [payload.slice(0, -1), payload.replace('adjust', 'guess'), payload.replace('K', '\u0000')]
  for (const body of [...wrong, ...wrong]) {
    t.equal((await server.inject({ ...batch, payload: body })).statusCode, 400)
  }
  t.equal((await server.inject({ ...batch, url: '/api/nothing' })).statusCode, 404)
  t.equal((await server.inject(batch)).statusCode, 200)
  t.equal(await changed(), lineCount)
})

t.test('a client that goes away gives its turn to the next', async (t) => {
  const { ledger, server } = await start(t)
  const sockets = await Promise.all([send(server), send(server)])
  await ledger.untilWaiting(2)
  const next = server.inject(batch)
  for (let turns = 0; turns < 500; turns += 1) await turn()
  t.equal(ledger.waiting, 2)
  await Promise.all(sockets.map(gone))
  await ledger.untilWaiting(3)
  ledger.letGo()
  t.equal((await next).statusCode, 200)
})

t.test('the body of a client that went away before its turn changes nothing', async (t) => {
  const { ledger, server, changed } = await start(t)
  const batches = Array.from({ length: 2 }, () => server.inject(batch))
  await ledger.untilWaiting(2)
  const left = await send(server)
  while ((await underWay(server)) < 3) await turn()
  for (let turns = 0; turns < 500; turns += 1) await turn()
  await gone(left)
  while ((await underWay(server)) > 2) await turn()
  ledger.letGo()
  for (const answered of batches) t.equal((await answered).statusCode, 200)
  t.equal((await server.inject(batch)).statusCode, 200)
  t.equal(await changed(), 3 * lineCount)
})

t.test('of bodies that are not so large more are parsed at once', async (t) => {
  const { ledger, server } = await start(t)
  const movements = Array.from({ length: lineCount / 8 }, () => line)
  const batches = Array.from({ length: 20 }, () =>
    server.inject({ method: 'POST', url, payload: { movements } })
  )
  await ledger.untilWaiting(16)
  ledger.letGo()
  for (const answered of batches) t.equal((await answered).statusCode, 200)
})
