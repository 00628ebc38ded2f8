import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Ledger } from '../../domain/ledger.ts'
import { startListening, type ListeningService } from './listening-service.ts'

async function write(ledger: Ledger, count: number): Promise<void> {
  const command = { type: 'adjust', storeId: 'S', sku: 'K', delta: 1, reason: 'x'.repeat(500) } as const
  const lines = Array.from({ length: count }, () => ({ command }))
  await ledger.execute({ at: Date.now(), atomic: false, lines })
}

/** A client of the stream, as a browser's EventSource is one, that reads what it is told to. */
class StreamClient {
  readonly ids: number[] = []
  readonly response: IncomingMessage
  #rest = ''
  #whenRead: (() => void) | undefined

  private constructor(response: IncomingMessage) {
    this.response = response
  }

  static async open({ port }: ListeningService, headers: Record<string, string> = {}): Promise<StreamClient> {
    const request = get({
      port,
      path: '/v1/inventory/events?offset=1',
      headers: { accept: 'text/event-stream', ...headers },
      agent: false
    })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return new StreamClient(response)
  }

  /** Reads until it has the event with this id. */
  async readTo(id: number): Promise<void> {
    if (this.response.listenerCount('data') === 0) {
      this.response.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    }
    while ((this.ids.at(-1) ?? 0) < id) await new Promise<void>((resolve) => (this.#whenRead = resolve))
  }

  #take(text: string): void {
    const frames = (this.#rest + text).split('\n\n')
    this.#rest = frames.pop() ?? ''
    for (const frame of frames) {
      const [, id] = /^id: (\d+)$/m.exec(frame) ?? []
      if (id !== undefined) this.ids.push(Number(id))
    }
    this.#whenRead?.()
  }
}

const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, index) => from + index)

t.test('a stream brings what is there and what comes, and goes on after the last id', async (t) => {
  const service = await startListening(t)
  await write(service.ledger, 1000)
  const client = await StreamClient.open(service)
  await client.readTo(1000)
  await write(service.ledger, 10)
  await client.readTo(1010)
  t.strictSame(client.ids, upTo(1010))
  client.response.destroy()

  const resumed = await StreamClient.open(service, { 'last-event-id': '990' })
  await resumed.readTo(1010)
  t.strictSame(resumed.ids, upTo(1010, 991))
  resumed.response.destroy()
})

t.test('a client that does not read holds no more than the buffers of its connection', async (t) => {
  const service = await startListening(t)
  let connection: Socket | undefined
  service.server.server.once('connection', (socket: Socket) => (connection = socket))
  const client = await StreamClient.open(service)
  const socket = connection as unknown as Socket
  for (let round = 0; round < 40; round += 1) {
    await write(service.ledger, 1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // What the system takes without a reader differs; what the server holds itself is seen in its socket.
  t.ok(socket.writableLength < 1_000_000, `${socket.writableLength} bytes wait in the server`)
  t.ok(socket.bytesWritten < 16_000_000, `${socket.bytesWritten} of 28 million bytes were sent`)
  await client.readTo(40_000)
  t.strictSame(client.ids, upTo(40_000), 'it gets all when it reads')
  client.response.destroy()
})

t.test('a client that goes away ends its stream', async (t) => {
  const service = await startListening(t)
  const clients = await Promise.all(Array.from({ length: 20 }, () => StreamClient.open(service)))
  while (service.feed.waiting < 20) await new Promise((resolve) => setImmediate(resolve))
  const connections = await new Promise<number>((resolve) =>
    service.server.server.getConnections((_error, count) => resolve(count))
  )
  t.equal(connections, 20)
  for (const { response } of clients) response.destroy()
  while (service.feed.waiting > 0) await new Promise((resolve) => setImmediate(resolve))
})

t.test('closing ends the streams', async (t) => {
  const service = await startListening(t)
  const clients = await Promise.all(Array.from({ length: 5 }, () => StreamClient.open(service)))
  const ended = clients.map(({ response }) => once(response.resume(), 'end'))
  await service.server.close()
  await Promise.all(ended)
  t.equal(service.feed.waiting, 0)
})
