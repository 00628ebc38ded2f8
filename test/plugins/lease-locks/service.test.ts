import { readdir } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { recordPath, startService } from '../../routes/service.ts'
import { leaseFolder, leftIn, signal, until } from './application.ts'

const { locks } = loadConfiguration({})

/** A ledger that lets nothing be written before it is told to. */
class HeldLedger extends MemoryLedger {
  readonly #open = signal()
  waiting = 0

  letGo(): void {
    this.#open.give()
  }

  override async execute(...unit: Parameters<MemoryLedger['execute']>) {
    this.waiting += 1
    await this.#open.given
    return super.execute(...unit)
  }
}

async function leasing(t: Test, more: Partial<typeof locks> = {}) {
  const folder = await leaseFolder(t)
  const ledger = new HeldLedger()
  const service = await startService(t, {
    ledger,
    configuration: { locks: { ...locks, enabled: true, folder, ...more } }
  })
  return { service, ledger, folder }
}

const update = (productId: string, idempotencyKey: string) => ({
  storeId: 'S1',
  productId,
  delta: 1,
  version: 1,
  idempotencyKey
})

t.test('every write of a record waits for nobody: one is under way, the others get 503', async (t) => {
  const { service, ledger, folder } = await leasing(t)
  const sku = 'A 1/2'
  const first = service.post(recordPath('S1', sku, 'adjust'), { delta: 5 })
  await until(() => ledger.waiting === 1)
  const refused = await service.post(recordPath('S1', sku, 'adjust'), { delta: 5 })
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '1')
  t.equal(refused.headers['x-lock-key'], 'A%201%2F2')
  t.match(refused.json(), {
    success: false,
    error: {
      name: 'LockRejectionError',
      code: 'LOCK_REJECTION_ERROR',
      statusCode: 503,
      details: { sku, retryAfter: 0.3 }
    }
  })
  const reservationId = 'r'
  const movement = { type: 'adjust', storeId: 'S1', sku, delta: 1 }
  for (const [path, body] of [
    [`/stores/S1/inventory/${encodeURIComponent(sku)}/adjust`, { delta: 1 }],
    [recordPath('S1', sku, 'reserve'), { qty: 1 }],
    [recordPath('S1', sku, 'release'), { reservationId }],
    [recordPath('S1', sku, 'commit'), { reservationId }],
    [recordPath('S1', sku, 'reservations/r/extend'), { ttlMs: 1000 }],
    ['/api/inventory/movements', { movements: [{ ...movement, sku: 'other' }, movement] }]
  ] as const) {
    const answer = await service.post(path, body)
    t.match(answer.json(), { error: { name: 'LockRejectionError', details: { sku } } }, path)
  }
  t.equal((await service.get(recordPath('S1', sku))).statusCode, 404, 'reads take none')
  const otherStore = service.post(recordPath('S2', sku, 'adjust'), { delta: 5 })
  await until(() => ledger.waiting === 2)
  ledger.letGo()
  t.match((await first).json(), { newVersion: 1 })
  t.match((await otherStore).json(), { newVersion: 1 }, 'in another store it is another record')
  t.equal((await service.post(recordPath('S1', sku, 'adjust'), { delta: 1 })).statusCode, 200)
  const { data } = (await service.inject({ url: '/api/metrics' })).json<{ data: object }>()
  t.match(data, { lockAcquired: 3, lockContended: 7, lockStolen: 0, lockLost: 0, lockReleaseFailures: 0 })
  t.strictSame(await leftIn(folder), [])
})

t.test('products are records too: updates and administration take their leases', async (t) => {
  const { service, ledger } = await leasing(t, { rejectStatus: 429, retryAfterMs: 1500 })
  const product = { productId: 'P', name: 'p', available: 1, price: 1 }
  const first = service.post('/v1/admin/products/create', { products: [product] })
  await until(() => ledger.waiting === 1)
  const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, payload: object) =>
    service.inject({ method, url, payload, headers: { 'content-type': 'application/json' } })
  const { productId, available } = product
  for (const answer of [
    await service.post(recordPath('central', 'P', 'adjust'), { delta: 1 }),
    await service.post('/v1/inventory/updates', update('P', 'k')),
    await service.post('/v1/inventory/updates', {
      storeId: 'S1',
      updates: [{ productId, delta: 1, version: 1, idempotencyKey: 'l' }]
    }),
    await service.post('/v1/admin/products/create', { products: [product] }),
    await send('PUT', '/v1/admin/products/set', { products: [{ productId, available }] }),
    await send('DELETE', '/v1/admin/products/delete', { productIds: ['Q', 'P'] })
  ]) {
    t.equal(answer.statusCode, 429)
    t.equal(answer.headers['retry-after'], '2')
    t.match(answer.json(), { error: { name: 'LockRejectionError', details: { sku: 'P', retryAfter: 1.5 } } })
  }
  ledger.letGo()
  t.equal((await first).statusCode, 200)
})

t.test('a repetition of what is under way waits for its answer and gets it', async (t) => {
  const { service, ledger } = await leasing(t)
  const key = { 'idempotency-key': 'k' }
  const adjust = (headers = {}) => service.post(recordPath('S1', 'A', 'adjust'), { delta: 5 }, headers)
  const first = adjust(key)
  await until(() => ledger.waiting === 1)
  const second = adjust(key)
  await until(() => ledger.waiting === 2)
  t.equal((await adjust({ 'idempotency-key': 'l' })).statusCode, 503, 'another key is another request')
  const lines = { storeId: 'S1', updates: ['a', 'b'].map((productId) => update(productId, productId)) }
  const updates = lines.updates.map(({ storeId: _, ...line }) => line)
  const batches = [1, 2].map(() => service.post('/v1/inventory/updates', { ...lines, updates }))
  await until(() => ledger.waiting === 4)
  t.equal((await service.post('/v1/inventory/updates', update('a', 'c'))).statusCode, 503)
  ledger.letGo()
  t.strictSame((await first).json(), (await second).json())
  t.equal((await second).headers['idempotency-replayed'], 'true')
  for (const batch of batches) t.equal((await batch).statusCode, 200)
})

t.test('without LOCKS_ENABLED there is neither a folder nor a hook', async (t) => {
  const folder = await leaseFolder(t)
  const ledger = new HeldLedger()
  const service = await startService(t, { ledger, configuration: { locks: { ...locks, folder } } })
  const both = [1, 2].map(() => service.post(recordPath('S1', 'A', 'adjust'), { delta: 1 }))
  await until(() => ledger.waiting === 2)
  ledger.letGo()
  for (const answer of await Promise.all(both)) t.equal(answer.statusCode, 200)
  t.strictSame(await readdir(folder), [])
})

t.test('a folder that cannot be made stops the start with the name of its variable', async (t) => {
  const configuration = loadConfiguration({ LOCKS_ENABLED: 'true', LOCK_DIR: '/dev/null/locks' })
  await t.rejects(buildServer(configuration, { ledger: new MemoryLedger() }), {
    message: /^LOCK_DIR is "\/dev\/null\/locks"; allowed is a folder that can be written, but /
  })
})

function refusalOf(environment: Record<string, string>): string {
  try {
    loadConfiguration(environment)
    return 'nothing is refused'
  } catch (error) {
    return (error as Error).message
  }
}

t.test('the variables', async (t) => {
  const read = (environment: Record<string, string>) => loadConfiguration(environment).locks
  t.match(read({}), { enabled: false, ttlMs: 2000, renewMs: 1000, rejectStatus: 503, retryAfterMs: 300 })
  t.equal(read({}).ownerId.split(':').at(-1), String(process.pid))
  t.strictSame(
    read({
      LOCKS_ENABLED: 'true',
      LOCK_DIR: 'x',
      LOCK_OWNER_ID: 'till-4',
      LOCK_TTL_MS: '6001',
      LOCK_RENEW_MS: '3000',
      LOCK_REJECT_STATUS: '429',
      LOCK_RETRY_AFTER_MS: '1'
    }),
    {
      enabled: true,
      folder: 'x',
      ownerId: 'till-4',
      ttlMs: 6001,
      renewMs: 3000,
      rejectStatus: 429,
      retryAfterMs: 1
    }
  )
  for (const [environment, message] of [
    [{ LOCK_RENEW_MS: '1001' }, 'LOCK_RENEW_MS is "1001"; allowed is at most half of LOCK_TTL_MS (1000)'],
    [{ LOCK_TTL_MS: '1999' }, 'LOCK_TTL_MS is "1999"; allowed is a whole number from 2000 to 3600000'],
    [{ LOCK_RENEW_MS: '999' }, 'LOCK_RENEW_MS is "999"'],
    [{ LOCK_REJECT_STATUS: '500' }, 'LOCK_REJECT_STATUS is "500"; allowed is 429, 503'],
    [{ LOCK_RETRY_AFTER_MS: '0' }, 'LOCK_RETRY_AFTER_MS is "0"'],
    [{ LOCK_OWNER_ID: 'a\nb' }, 'LOCK_OWNER_ID is "a\\nb"'],
    [{ LOCKS_ENABLED: 'yes' }, 'LOCKS_ENABLED is "yes"; allowed is true, false']
  ] as const) {
    t.equal(refusalOf(environment).slice(0, message.length), message)
  }
})
