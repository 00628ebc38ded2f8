import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ApiClient } from '../kill/api-client.ts'
import { childrenOf, untilGone } from '../processes/children.ts'
import { serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { KeepAliveClient } from './keep-alive-client.ts'

const clientCount = 30
const answersUntilSignal = 400

function start(t: Test, dataFolder: string, variables: Record<string, string> = {}): ServerProcess {
  const server = new ServerProcess({
    arguments: [serverProgram],
    environment: { ...serviceEnvironment(dataFolder), ...variables }
  })
  t.teardown(() => server.end('SIGKILL'))
  return server
}

/** The newest checkpoint of the central model, and the model's sequence in it. */
function checkpoints(dataFolder: string): string[] {
  return readdirSync(join(dataFolder, 'sync')).filter((name) => name.startsWith('checkpoint-'))
}

/** A server answers before its sync worker does, and one that ends before that leaves its last pass to the next. */
async function firstPass(url: string): Promise<void> {
  for (;;) {
    const { data } = (await (await fetch(`${url}/api/sync/status`)).json()) as {
      data: { lastRunAt?: string }
    }
    if (data.lastRunAt !== undefined) return
  }
}

/** Ends it in the middle of a load; returns what was acknowledged. */
async function endUnderLoad(t: Test, server: ServerProcess): Promise<string[]> {
  const url = await server.ready
  await firstPass(url)
  const members = await childrenOf(server.pid)
  const clients = Array.from(
    { length: clientCount },
    (_, index) => new KeepAliveClient(url, `c${index}`, index % 3 === 0 ? 0 : 20)
  )
  let answers = 0
  const onAnswer = (): void => {
    answers += 1
    if (answers !== answersUntilSignal) return
    // All of them, as by a service manager; a server alone has nobody else.
    server.signal('SIGTERM')
    for (const pid of members) process.kill(pid, 'SIGTERM')
  }
  await Promise.all(clients.map((client) => client.run(onAnswer)))
  t.equal(await server.exit(), 0)
  t.strictSame(
    clients.flatMap(({ faults }) => faults),
    [],
    'no request was cut off'
  )
  const closings = clients.reduce((sum, client) => sum + client.closings, 0)
  const neverBegun = clients.reduce((sum, client) => sum + client.neverBegun, 0)
  t.ok(closings >= clientCount - neverBegun, `${closings} connections ended with an answer`)
  t.comment(`${answers} answers, ${neverBegun} connections that nobody accepted`)
  return clients.flatMap(({ acknowledged }) => acknowledged)
}

for (const workers of ['1', '2']) {
  const name = workers === '1' ? 'a server' : 'a cluster'
  t.test(`${name} that ends under load answers what it had begun, and loses nothing`, async (t) => {
    const dataFolder = t.testdir()
    const acknowledged = await endUnderLoad(
      t,
      start(t, dataFolder, { ROLE: 'all', INVENTORY_WORKER_COUNT: workers })
    )
    t.equal(checkpoints(dataFolder).length, 1, 'the last pass saved the central model')

    const again = start(t, dataFolder, { ROLE: 'api' })
    const url = await again.ready
    const events = (await new ApiClient(url).feed()).map((event) => JSON.parse(event))
    t.strictSame(
      events.map(({ data }) => data.idempotencyKey).sort(),
      acknowledged.sort(),
      'and nothing else is there'
    )
    const { data } = (await (await fetch(`${url}/api/sync/status`)).json()) as {
      data: { checkpoint: number }
    }
    t.equal(data.checkpoint, events.length, 'it had seen all of them')
    await again.end('SIGTERM')
  })
}

/** A request that the server has begun to read and that never comes to its end. */
async function halfRequest(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined).resume()
  await once(socket, 'connect')
  socket.write('POST /api/inventory/movements HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n')
  socket.write('Content-Length: 100\r\n\r\n{"mov')
  return socket
}

async function refused(url: string): Promise<void> {
  for (;;) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const isRefused = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false))
      socket.once('error', () => resolve(true))
    })
    socket.destroy()
    if (isRefused) return
  }
}

t.test('it ends in time, whoever is still there', async (t) => {
  const server = start(t, t.testdir(), { ROLE: 'api', SHUTDOWN_TIMEOUT_MS: '3000' })
  const url = await server.ready
  const half = await halfRequest(url)
  const idle = connect(Number(new URL(url).port), '127.0.0.1')
  await once(idle, 'connect')
  const waiting = fetch(`${url}/v1/inventory/events?offset=1&wait=60`)
  // An answer says that what was sent before it has come.
  await fetch(`${url}/api/health`)
  const began = performance.now()
  server.signal('SIGINT')
  t.match(await (await waiting).json(), { events: [], nextOffset: 1 }, 'a wait ends with its answer')
  await Promise.all([once(half, 'close'), once(idle, 'close')])
  t.equal(await server.exit(), 0)
  t.ok(performance.now() - began < 3000)
})

t.test('a second signal ends all at once', async (t) => {
  for (const workers of ['1', '2']) {
    const server = start(t, t.testdir(), {
      INVENTORY_WORKER_COUNT: workers,
      ROLE: 'api',
      SHUTDOWN_TIMEOUT_MS: '600000'
    })
    const url = await server.ready
    const members = await childrenOf(server.pid)
    const cut = once(await halfRequest(url), 'close')
    await fetch(`${url}/api/health`)
    server.signal('SIGTERM')
    await refused(url)
    server.signal('SIGTERM')
    t.equal(await server.exit(), 1)
    await cut
    t.equal(members.length, workers === '2' ? 2 : 0)
    // Whoever lives on makes the test time out.
    await untilGone(members)
  }
})
