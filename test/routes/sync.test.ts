import t, { type Test } from 'tap'
import { freshKey, recordPath, startService, type TestService } from './service.ts'

async function adjust(service: TestService, storeId: string, sku: string, delta: number): Promise<void> {
  const { statusCode } = await service.post(recordPath(storeId, sku, 'adjust'), { delta }, freshKey())
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
}

/** A service whose passes are made only when they are asked for. */
async function stopped(t: Test): Promise<TestService> {
  const service = await startService(t)
  t.match((await service.inject({ method: 'POST', url: '/api/sync/stop' })).json(), { success: true })
  return service
}

t.test('a pass brings the central model to the end of the log', async (t) => {
  const service = await stopped(t)
  await adjust(service, 'S1', 'A', 5)
  await adjust(service, 'S2', 'A', 7)
  const { data } = (await service.get('/api/sync/status')).json()
  t.match(data, { isRunning: false, isStopped: true, lastSequence: 0, logSequence: 2, lag: 2 })
  const passed = await service.inject({ method: 'POST', url: '/api/sync' })
  t.strictSame(passed.json(), {
    success: true,
    message: 'The central model is at event 2',
    data: { applied: 2, deadLettered: 0, sequence: 2 }
  })
  const after = (await service.get('/api/sync/status')).json()
  t.match(after.data, { lastSequence: 2, lag: 0, lagMs: 0, lastRunAt: new Date(service.now).toISOString() })
})

t.test('the central model: each store and all of them together', async (t) => {
  const service = await startService(t)
  for (const [storeId, delta] of [
    ['S1', 5],
    ['__proto__', 7],
    ['a "b"\\', 1]
  ] as const)
    await adjust(service, storeId, 'A', delta)
  const { statusCode, json } = await service.get('/api/central/inventory/A?minSequence=3')
  t.equal(statusCode, 200)
  const answer = json()
  t.match(answer, { sku: 'A', total: 13, sequence: 3 })
  t.strictSame(Object.keys(answer.stores), ['S1', '__proto__', 'a "b"\\'])
  t.match(answer.stores['S1'], { qty: 5, reserved: 0, version: 1 })
  t.match(Object.getOwnPropertyDescriptor(answer.stores, '__proto__')?.value, { qty: 7 })

  t.equal((await service.get('/api/central/inventory/B')).statusCode, 404)
})

t.test('what is not there yet is 202 with what there is', async (t) => {
  const service = await stopped(t)
  await adjust(service, 'S1', 'A', 5)
  const unknown = await service.get('/api/central/inventory/A?minSequence=1')
  t.equal(unknown.statusCode, 202)
  t.strictSame(unknown.json(), { sku: 'A', stores: {}, total: 0, sequence: 0 })
  await service.inject({ method: 'POST', url: '/api/sync' })
  const beyond = await service.get(`/api/central/inventory/A?minSequence=${Number.MAX_SAFE_INTEGER}`)
  t.equal(beyond.statusCode, 202)
  t.match(beyond.json(), { total: 5, sequence: 1 })
  const page = await service.get('/api/central/inventory?minSequence=2')
  t.equal(page.statusCode, 202)
  t.match(page.json(), { items: [{ sku: 'A', total: 5 }], sequence: 1 })
})

t.test('pages of the central model', async (t) => {
  const service = await startService(t)
  for (const sku of ['c', 'a', 'b']) await adjust(service, 'S1', sku, 1)
  const first = (await service.get('/api/central/inventory?limit=2&minSequence=3')).json()
  t.strictSame(
    first.items.map(({ sku }: { sku: string }) => sku),
    ['a', 'b']
  )
  const rest = (await service.get(`/api/central/inventory?cursor=${first.nextCursor}`)).json()
  t.match(rest, { items: [{ sku: 'c' }], sequence: 3 })
  t.notOk(rest.nextCursor)
  const foreign = (await service.get('/api/inventory/stores/S1/inventory?limit=1')).json()
  t.equal((await service.get(`/api/central/inventory?cursor=${foreign.nextCursor}`)).statusCode, 400)
})

t.test('start sets the interval, within its bounds', async (t) => {
  const service = await stopped(t)
  t.equal((await service.post('/api/sync/start', { intervalMs: 250 })).statusCode, 200)
  t.match((await service.get('/api/sync/status')).json(), { data: { isRunning: true, intervalMs: 250 } })
  for (const wrong of [
    { intervalMs: 99 },
    { intervalMs: 3_600_001 },
    { intervalMs: '250' },
    { every: 1 },
    []
  ]) {
    t.equal((await service.post('/api/sync/start', wrong)).statusCode, 400)
  }
  t.match((await service.get('/api/sync/status')).json(), { data: { intervalMs: 250 } })
  const bare = await service.inject({ method: 'POST', url: '/api/sync/start' })
  t.equal(bare.statusCode, 200)
  t.match((await service.get('/api/sync/status')).json(), { data: { intervalMs: 15_000 } })
})

t.test('no dead letters', async (t) => {
  const service = await startService(t)
  t.strictSame((await service.get('/api/sync/dead-letters')).json(), {
    success: true,
    data: { items: [], total: 0 }
  })
  for (const id of ['1', 'x', '..%2F..%2Fetc']) {
    const url = `/api/sync/dead-letters/${id}`
    t.equal((await service.inject({ method: 'POST', url: `${url}/retry` })).statusCode, 404)
    t.equal((await service.inject({ method: 'DELETE', url })).statusCode, 404)
  }
  t.equal((await service.get('/api/sync/dead-letters?cursor=MQ')).statusCode, 400)
})

t.test('administration of the sync needs the key of an administrator, the central model any', async (t) => {
  const configuration = { apiKeys: ['caller'], adminApiKeys: ['admin'] }
  const service = await startService(t, { configuration })
  const as = (key?: string): Record<string, string> => (key === undefined ? {} : { 'x-api-key': key })
  for (const [method, url] of [
    ['POST', '/api/sync'],
    ['GET', '/api/sync/status'],
    ['POST', '/api/sync/stop'],
    ['POST', '/api/sync/start'],
    ['GET', '/api/sync/dead-letters']
  ] as const) {
    const status = async (key?: string) =>
      (await service.inject({ method, url, headers: as(key) })).statusCode
    t.strictSame([await status(), await status('caller'), await status('admin')], [401, 403, 200], url)
  }
  t.equal((await service.get('/api/central/inventory', as('caller'))).statusCode, 200)
  t.equal((await service.get('/api/central/inventory')).statusCode, 401)
})

t.test('health speaks of the sync', async (t) => {
  const service = await stopped(t)
  await adjust(service, 'S1', 'A', 5)
  t.match((await service.get('/api/health')).json(), {
    data: { status: 'healthy', sync: { status: 'stopped', lag: 1, deadLetters: 0 } }
  })
})
