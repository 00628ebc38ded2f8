import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { childrenOf, untilGone } from '../processes/children.ts'
import { serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'

const root = join(import.meta.dirname, '../..')

function start(t: Test, dataFolder: string, variables: Record<string, string>): ServerProcess {
  const server = new ServerProcess({
    arguments: [serverProgram],
    environment: {
      ...serviceEnvironment(dataFolder),
      INVENTORY_WORKER_COUNT: '3',
      ...variables
    }
  })
  t.teardown(() => server.end('SIGKILL'))
  return server
}

/** What the answers have that are looked at. */
interface Body {
  readonly data?: {
    readonly ledger?: { readonly sequence: number }
    readonly isRunning?: boolean
    readonly worker?: { readonly processId: number }
    readonly rateLimited?: number
  }
  readonly currentClients?: readonly unknown[]
}

interface Answer {
  readonly status: number
  readonly body: Body
}

/** Over a connection of its own, so that one process after the other is asked. */
function ask(url: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: new Agent() }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) as Body }),
        reject
      )
    })
    sent.once('error', reject).end()
  })
}

/** Asks until it is so, a minute at most. */
async function until(url: string, isSo: (answer: Answer) => boolean): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const answer = await ask(url).catch(() => undefined)
    if (answer !== undefined && isSo(answer)) return
    await delay(50)
  }
  throw new Error(`${url} never came to what it should`)
}

t.test('processes on one port are one service', async (t) => {
  const burst = 40
  const server = start(t, t.testdir(), {
    ENVIRONMENT: 'development',
    DATA_PATH: join(root, 'data/sample-inventory.json'),
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_RPS: '1',
    RATE_LIMIT_BURST: String(burst),
    RATE_LIMIT_REQUESTS_PER_MINUTE: '30'
  })
  const url = await server.ready
  t.match(server.output, / with 3 processes, /)
  const [scrapes = ''] = /http:\S+\/metrics/.exec(server.output) ?? []
  t.equal((await childrenOf(server.pid)).length, 4, 'three servers and the sync worker')

  const sequences = []
  for (let count = 0; count < 6; count += 1) {
    sequences.push((await ask(`${url}/api/health`)).body.data?.ledger?.sequence)
  }
  t.equal(new Set(sequences).size, 1, 'the opening stock was loaded once')
  t.ok((sequences[0] ?? 0) > 0)

  const central = await Promise.all(Array.from({ length: 60 }, () => ask(`${url}/v1/inventory/none`)))
  t.equal(central.filter(({ status }) => status === 404).length, 30, 'the limit of all processes together')
  t.equal(central.filter(({ status }) => status === 429).length, 30)
  for (let count = 0; count < 3; count += 1) {
    t.equal((await ask(`${url}/api/metrics`)).body.data?.rateLimited, 30, 'counted by all together')
    const { body } = await ask(`${url}/v1/admin/rate-limit/status`)
    t.match(body.currentClients, [{ clientId: '127.0.0.1', requestCount: 30, isBlocked: true }])
  }

  const scraped = await (await fetch(scrapes)).text()
  t.match(scraped, /^inventory_rate_limit_violations_total\{type="localhost"\} 30$/m)
  // Who gives no key may do so outside production only.
  t.equal((await ask(`${url}/api/metrics/reset`, 'POST')).status, 200)
  for (let count = 0; count < 3; count += 1) {
    t.equal((await ask(`${url}/api/metrics`)).body.data?.rateLimited, 0, 'one reset is for all')
  }

  t.equal((await ask(`${url}/api/sync/stop`, 'POST')).status, 200)
  for (let count = 0; count < 3; count += 1) {
    t.match((await ask(`${url}/api/sync/status`)).body.data, { isStopped: true, isRunning: false })
  }
  t.equal((await ask(`${url}/api/sync/start`, 'POST')).status, 200)
  const { worker = { processId: 0 } } = (await ask(`${url}/api/sync/status`)).body.data ?? {}
  t.ok((await childrenOf(server.pid)).includes(worker.processId))
  process.kill(worker.processId, 'SIGKILL')
  const isTakenOver = ({ body }: Answer) =>
    body.data?.isRunning === true && body.data.worker?.processId !== worker.processId
  await until(`${url}/api/sync/status`, isTakenOver)

  const before = Date.now()
  const limited = await Promise.all(
    Array.from({ length: 100 }, () => ask(`${url}/api/inventory/stores/S/inventory`))
  )
  const allowed = limited.filter(({ status }) => status === 200).length
  t.ok(allowed <= burst + 1 + (Date.now() - before) / 1000, `${allowed} of 100 were let in`)
  server.signal('SIGTERM')
  t.equal(await server.exit(), 0)
})

t.test('a request on its way to a process that is killed is answered by another one', async (t) => {
  const server = start(t, t.testdir(), { ROLE: 'api', INVENTORY_WORKER_COUNT: '2' })
  const url = await server.ready
  const processes = await childrenOf(server.pid)
  for (const process_ of processes) process.kill(process_, 'SIGSTOP')
  const connections = Array.from({ length: 8 }, () => connect(Number(new URL(url).port), '127.0.0.1'))
  const answers = connections.map((connection) => text(connection))
  for (const connection of connections) {
    await once(connection, 'connect')
    connection.write('GET /api/health/liveness HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  }
  const [killed = 0, ...others] = processes
  process.kill(killed, 'SIGKILL')
  await untilGone([killed])
  for (const other of others) process.kill(other, 'SIGCONT')
  for (const answer of await Promise.all(answers)) t.match(answer, /^HTTP\/1\.1 200 /)
})

t.test('a cluster that cannot start says so in one line', async (t) => {
  const dataFolder = t.testdir({ 'stock.json': '{"records":[{}]}' })
  const server = start(t, dataFolder, { DATA_PATH: join(dataFolder, 'stock.json') })
  t.equal(await server.exit(), 1)
  await t.rejects(server.ready)
  t.match(server.output, /^Bincard did not start: DATA_PATH is "[^\n]*\/records\/0[^\n]*\n$/)
})
