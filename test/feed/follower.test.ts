import t from 'tap'
import { ApiClient } from '../kill/api-client.ts'
import { Auditor } from '../kill/auditor.ts'
import { Clients } from '../kill/clients.ts'
import { RequestSource, storesUnderLoad } from '../kill/requests.ts'
import { serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { compareWithServer } from './followed-state.ts'
import { Follower, UnexpectedAnswerError } from './follower.ts'

const rounds = ['SIGKILL', 'SIGTERM'] as const
const answersPerRound = 400
const stores = [...storesUnderLoad, 'central']

/** The server that runs at present; it is gone for a while between two. */
class RestartedServer {
  readonly #dataFolder: string
  #server: ServerProcess
  #starts = 1

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder
    this.#server = this.#spawn()
  }

  get starts(): number {
    return this.#starts
  }

  get url(): Promise<string> {
    return this.#server.ready
  }

  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#server.end(signal)
  }

  start(): void {
    this.#starts += 1
    this.#server = this.#spawn()
  }

  #spawn(): ServerProcess {
    return new ServerProcess({
      arguments: [serverProgram],
      environment: { ROLE: 'api', ...serviceEnvironment(this.#dataFolder) }
    })
  }
}

/** Takes pages, over every restart, until it is aborted. Rejects where an answer cannot be right. */
async function follow(follower: Follower, { signal }: AbortController): Promise<void> {
  while (!signal.aborted) {
    try {
      await follower.takePage(1)
    } catch (error) {
      if (error instanceof UnexpectedAnswerError) throw error
      // The server is gone; it will be asked where it is again.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

async function changeProducts(url: string, round: number): Promise<void> {
  const call = async (method: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    if (response.status !== 200) throw new Error(await response.text())
  }
  const products = ['A', 'B', 'C'].map((productId) => ({
    productId,
    name: `${productId} ${round}`,
    available: 5,
    price: round
  }))
  await call('POST', '/v1/admin/products/create', { products })
  await call('PUT', '/v1/admin/products/set', { products: [{ productId: 'B', price: round + 0.5 }] })
  await call('DELETE', '/v1/admin/products/delete', { productIds: ['C', round % 2 === 0 ? 'A' : 'none'] })
}

t.test('a follower that reads from 0 through restarts and kill -9 has the state of the server', async (t) => {
  const server = new RestartedServer(t.testdir())
  t.teardown(() => server.end('SIGKILL'))
  const follower = new Follower({ url: () => server.url, stores, centralStoreId: 'central', limit: 50 })
  const over = new AbortController()
  const following = follow(follower, over)
  const clients = new Clients(new RequestSource(7), new Auditor(storesUnderLoad), 4)
  for (const [round, signal] of rounds.entries()) {
    const client = new ApiClient(await server.url)
    await changeProducts(await server.url, round)
    let answers = 0
    let ended: Promise<void> | undefined
    await clients.load(client, () => {
      answers += 1
      if (answers === answersPerRound) ended = server.end(signal)
    })
    await ended
    server.start()
    await clients.retryUnanswered(new ApiClient(await server.url))
  }
  const url = await server.url
  const end = await new ApiClient(url).sequence()
  over.abort()
  await following
  while (await follower.takePage());
  t.equal(follower.offset, end + 1)
  t.ok(end > rounds.length * 100, `${end} events over ${server.starts} starts`)
  t.equal(follower.restarts, 0)
  await compareWithServer(t, follower, url, stores)
})

t.test('SIGTERM ends the waits at once', async (t) => {
  const server = new RestartedServer(t.testdir())
  t.teardown(() => server.end('SIGKILL'))
  const url = await server.url
  const asked = Array.from({ length: 20 }, async () => {
    const response = await fetch(`${url}/v1/inventory/events?offset=1&wait=60`)
    return (await response.json()) as object
  })
  const stream = await fetch(`${url}/v1/inventory/events?offset=1`, {
    headers: { accept: 'text/event-stream' }
  })
  t.equal(stream.status, 200)
  const streamed = stream.text()
  // Answered after those before it on the same loop: all of them wait by then.
  await new ApiClient(url).sequence()
  const started = performance.now()
  await server.end('SIGTERM')
  t.ok(performance.now() - started < 30_000)
  for (const answer of await Promise.all(asked)) {
    t.strictSame(answer, { events: [], nextOffset: 1, hasMore: false, count: 0 })
  }
  t.equal(await streamed, ': from offset 1\n\n')
})
