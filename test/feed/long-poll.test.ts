import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { FeedPage } from '../../plugins/schemas/feed.ts'
import { startListening, type ListeningService } from './listening-service.ts'

async function write(ledger: Ledger): Promise<void> {
  const command = { type: 'adjust', storeId: 'S', sku: 'K', delta: 1 } as const
  await ledger.execute({ at: Date.now(), atomic: false, lines: [{ command }] })
}

async function ask({ url }: ListeningService, query: string): Promise<FeedPage> {
  const response = await fetch(`${url}/v1/inventory/events?${query}`)
  return (await response.json()) as FeedPage
}

/** So many clients that no address has more waits than one may have. */
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']

/** Connections that each wait for the event at this offset. */
async function waitOn({ port, feed }: ListeningService, count: number, offset: number): Promise<Socket[]> {
  const before = feed.waiting
  const sockets = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const localAddress = addresses[index % addresses.length] as string
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      await once(socket, 'connect')
      socket.write(`GET /v1/inventory/events?offset=${offset}&wait=60 HTTP/1.1\r\nhost: localhost\r\n\r\n`)
      return socket
    })
  )
  while (feed.waiting < before + count) await new Promise((resolve) => setImmediate(resolve))
  return sockets
}

/** Resolves when the server has seen this many connections go. */
function departures({ server }: ListeningService, count: number): Promise<void> {
  let gone = 0
  return new Promise((resolve) => {
    server.server.on('connection', (socket: Socket) => {
      socket.once('close', () => {
        gone += 1
        if (gone === count) resolve()
      })
    })
  })
}

async function walLedgers(t: Test, count: number): Promise<Ledger[]> {
  const dataFolder = t.testdir()
  const ledgers = []
  for (let index = 0; index < count; index += 1) {
    const ledger = await openWalLedger({ dataFolder })
    t.teardown(() => ledger.close())
    ledgers.push(ledger)
  }
  return ledgers
}

t.test('whoever waits learns of an event within 50 ms of its acknowledgement', async (t) => {
  const [own, others] = (await walLedgers(t, 2)) as [Ledger, Ledger]
  const service = await startListening(t, own)
  let offset = 0
  for (const [name, writer] of [
    ['its own process', own],
    ['another', others]
  ] as const) {
    const delays: number[] = []
    for (let round = 0; round < 21; round += 1) {
      offset += 1
      const asked = ask(service, `offset=${offset}&wait=60`)
      while (service.feed.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
      await write(writer)
      const acknowledged = performance.now()
      t.match(await asked, { count: 1, nextOffset: offset + 1 })
      delays.push(performance.now() - acknowledged)
    }
    // The machine may stand still for a moment, but not most of the time.
    const median = delays.sort((first, second) => first - second)[10] as number
    t.ok(median < 50, `written by ${name}: ${median.toFixed(1)} ms`)
  }
})

t.test('5,000 who wait cost no timer each, and hardly any time', async (t) => {
  const service = await startListening(t)
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const sockets = await waitOn(service, 5000, 1)
  t.ok(timers() <= before + 1, `${timers()} timers, ${before} before`)
  const used = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const { user, system } = process.cpuUsage(used)
  t.ok(user + system < 250_000, `${(user + system) / 1000} ms of processor time in a second`)
  const answered = sockets.map(async (socket) => {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    return chunk.toString()
  })
  await write(service.ledger)
  for (const answer of await Promise.all(answered)) {
    if (!answer.startsWith('HTTP/1.1 200') || !answer.endsWith('"count":1}')) t.fail(answer)
  }
  t.equal(service.feed.waiting, 0)
  for (const socket of sockets) socket.destroy()
})

t.test('a client that goes away is forgotten at once', async (t) => {
  const service = await startListening(t)
  const gone = departures(service, 100)
  const sockets = await waitOn(service, 100, 1)
  for (const socket of sockets) socket.destroy()
  await gone
  t.equal(service.feed.waiting, 0)
})

t.test('there is no head of an answer that may not come', async (t) => {
  const { url } = await startListening(t)
  t.equal((await fetch(`${url}/v1/inventory/events?offset=1`, { method: 'HEAD' })).status, 404)
})

t.test('closing ends the waits with an empty page', async (t) => {
  const service = await startListening(t)
  await write(service.ledger)
  const asked = [2, 2, 7].map((offset) => ask(service, `offset=${offset}&wait=60`))
  while (service.feed.waiting < asked.length) await new Promise((resolve) => setImmediate(resolve))
  const sockets = await waitOn(service, 10, 2)
  const ended = sockets.map((socket) => once(socket.resume(), 'close'))
  await service.server.close()
  t.strictSame(await Promise.all(asked), [
    { events: [], nextOffset: 2, hasMore: false, count: 0 },
    { events: [], nextOffset: 2, hasMore: false, count: 0 },
    { events: [], nextOffset: 7, hasMore: false, count: 0 }
  ])
  await Promise.all(ended)
})
