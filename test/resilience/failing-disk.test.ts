// A live service whose disk fails and is well again: degraded, said to all who watch, and back by itself.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { FaultyFileSystem, type Fault } from '../../adapters/file-system/faulty-file-system.ts'
import { NodeFileSystem } from '../../adapters/file-system/node-file-system.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { validatedInject, type ValidatedInject } from '../openapi/response-validation.ts'
import { recordPath } from '../routes/service.ts'
import { unpressed } from '../app/unpressed.ts'

interface Service {
  readonly server: FastifyInstance
  readonly inject: ValidatedInject
  readonly disk: FaultyFileSystem
  readonly time: { now: number }
  readonly adjust: (key: string, delta?: number) => ReturnType<ValidatedInject>
}

/** On a folder of the machine, for the parts that share it; what fails is the disk of the ledger alone. */
async function start(t: Test): Promise<Service> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-failing-disk-'))
  const defaults = loadConfiguration({
    ROLE: 'api',
    DATA_DIR: dataFolder,
    RETRY_TIMES: '0',
    RATE_LIMIT_ENABLED: 'false'
  })
  const time = { now: 1_800_000_000_000 }
  const disk = new FaultyFileSystem(new NodeFileSystem())
  const server = await buildServer(defaults, { clock: () => time.now, fileSystem: disk, pressure: unpressed })
  t.teardown(async () => {
    await server.close().catch(() => undefined)
    await rm(dataFolder, { recursive: true })
  })
  const inject = await validatedInject(server)
  const adjust = (key: string, delta = -1): ReturnType<ValidatedInject> =>
    inject({
      method: 'POST',
      url: recordPath('STORE001', 'SKU123', 'adjust'),
      headers: { 'idempotency-key': key },
      payload: { delta }
    })
  return { server, inject, disk, time, adjust }
}

function broken(disk: FaultyFileSystem, operation: 'append' | 'syncData', code: string): Fault[] {
  const nth = disk.log.filter((name) => name === operation).length + 1
  return [{ kind: 'fail', operation, nth, code, times: Infinity }]
}

async function qtyOf({ inject }: Service): Promise<number> {
  const answer = await inject({ method: 'GET', url: recordPath('STORE001', 'SKU123') })
  return answer.json<{ qty: number }>().qty
}

async function untilProbed(service: Service, isSo: (fileSystem: Breaker) => boolean): Promise<void> {
  for (let turn = 0; !isSo(await fileSystemBreaker(service)); turn += 1) {
    if (turn > 2000) throw new Error('the probe never ended')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const isOpen = ({ state }: Breaker): boolean => state === 'open'
const isClosed = ({ state }: Breaker): boolean => state === 'closed'

async function fileSystemBreaker({ server }: Service): Promise<Breaker> {
  const metrics = await server.inject('/api/health/metrics')
  return metrics.json<{ data: { breakers: { fileSystem: Breaker } } }>().data.breakers.fileSystem
}

interface Breaker {
  readonly state: string
  readonly openings: number
}

async function assertDegraded(t: Test, { inject, adjust }: Service): Promise<void> {
  const refused = await adjust('refused')
  t.equal(refused.statusCode, 503)
  t.match(refused.json(), { error: { name: 'CircuitOpenError', code: 'CIRCUIT_OPEN_ERROR' } })
  const seconds = Number(refused.headers['retry-after'])
  t.ok(seconds >= 1 && seconds <= 10, `Retry-After: ${seconds}`)
  t.notMatch(refused.body, /\/tmp|EIO|ENOSPC/)
  t.equal((await inject({ method: 'GET', url: recordPath('STORE001', 'SKU123') })).statusCode, 200)
  t.equal((await inject({ method: 'GET', url: '/v1/inventory/events?offset=1' })).statusCode, 200)
  const readiness = await inject({ method: 'GET', url: '/api/health/readiness' })
  t.equal(readiness.statusCode, 503)
  t.match(readiness.json(), {
    ready: false,
    criticalBreakersOpen: ['ledger'],
    breakers: {
      ledger: { state: 'open', threshold: 0.5 },
      fileSystem: { state: 'open' },
      sync: { state: 'closed' }
    }
  })
  t.equal((await inject({ method: 'GET', url: '/api/health/liveness' })).statusCode, 200)
  const health = await inject({ method: 'GET', url: '/api/health' })
  t.match(health.json(), { data: { status: 'degraded', ledger: { status: 'read_only' } } })
}

for (const [name, operation, code] of [
  ['a full disk', 'append', 'ENOSPC'],
  ['a failed sync', 'syncData', 'EIO']
] as const) {
  t.test(`${name}: reads go on, writes do not, and it ends by itself`, async (t) => {
    const service = await start(t)
    const { inject, disk, time, adjust } = service
    t.equal((await adjust('before')).statusCode, 200)
    t.equal(await qtyOf(service), 99)

    disk.plan = broken(disk, operation, code)
    const doubted = await Promise.all(['a', 'b', 'c'].map((key) => adjust(key)))
    t.strictSame(
      doubted.map(({ statusCode }) => statusCode),
      [500, 500, 500]
    )
    t.match(doubted[0]?.json(), { error: { message: /send it again with the same Idempotency-Key/ } })
    await untilProbed(service, isOpen)
    t.equal(await qtyOf(service), 99, 'nothing is visible that was not answered')
    await assertDegraded(t, service)

    time.now += 9_999
    await assertDegraded(t, service)
    time.now += 1
    t.equal((await adjust('too-early')).statusCode, 503, 'the disk is as it was, and the probe fails')
    await untilProbed(service, ({ openings, state }) => openings === 2 && state === 'open')
    await assertDegraded(t, service)

    disk.plan = []
    time.now += 10_000
    t.equal((await adjust('the-probe')).statusCode, 503, 'it begins the probe and does not wait for it')
    await untilProbed(service, isClosed)
    const readiness = await inject({ method: 'GET', url: '/api/health/readiness' })
    t.match(readiness.json(), { ready: true, criticalBreakersOpen: [] })
    for (const key of ['a', 'b', 'c', 'after']) t.equal((await adjust(key)).statusCode, 200)
    t.equal(await qtyOf(service), 95, 'each of them took effect once, whether it had survived or not')
    const metrics = await inject({ method: 'GET', url: '/api/health/metrics' })
    t.match(metrics.json(), { data: { breakers: { ledger: { openings: 1 }, fileSystem: { openings: 2 } } } })
  })
}

t.test('followers who waited through it all are told of the first event after it', async (t) => {
  const service = await start(t)
  const { inject, disk, time, adjust } = service
  const health = await inject({ method: 'GET', url: '/api/health' })
  const offset = health.json<{ data: { ledger: { sequence: number } } }>().data.ledger.sequence + 1
  const waiting = inject({ method: 'GET', url: `/v1/inventory/events?offset=${offset}&wait=60` })
  disk.plan = broken(disk, 'append', 'ENOSPC')
  t.equal((await adjust('a')).statusCode, 500)
  await untilProbed(service, isOpen)
  disk.plan = []
  time.now += 10_000
  t.equal((await adjust('the-probe')).statusCode, 503)
  await untilProbed(service, isClosed)
  t.equal((await adjust('a')).statusCode, 200)
  t.match((await waiting).json(), { count: 1, events: [{ offset }] })
})
