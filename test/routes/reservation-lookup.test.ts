import t from 'tap'
import { freshKey, recordPath, startService, type TestService } from './service.ts'

const operation = (name: string, sku = 'K1') => recordPath('S1', sku, name)
const ofStore = '/api/inventory/stores/S1/reservations'

interface Listed {
  readonly items: readonly { readonly sku: string; readonly id: string; readonly status: string }[]
  readonly nextCursor?: string
}

async function reserve(service: TestService, body: object, sku = 'K1'): Promise<string> {
  const answered = await service.post(operation('reserve', sku), body)
  return answered.json<{ reservation: { id: string } }>().reservation.id
}

const idsOf = async (service: TestService, url: string) =>
  (await service.get(url)).json<Listed>().items.map(({ id }) => id)

async function begin(test: Parameters<typeof startService>[0]): Promise<TestService> {
  // Passes are made when the test says so.
  const service = await startService(test, { configuration: { role: 'api' } })
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await service.post(operation('adjust'), { delta: 20 })
  return service
}

t.test('a reservation is extended from now on, under the preconditions of any change', async (t) => {
  const service = await begin(t)
  const id = await reserve(service, { qty: 4, ttlMs: 60_000 })
  const extend = operation(`reservations/${id}/extend`)
  service.now += 59_999
  const answered = await service.post(extend, { ttlMs: 60_000 }, { 'if-match': '"2"' })
  t.equal(answered.statusCode, 200)
  t.equal(answered.headers.etag, '"3"')
  t.match(answered.json(), {
    success: true,
    newQuantity: 16,
    newVersion: 3,
    record: { qty: 16, reserved: 4, version: 3 },
    reservation: { id, qty: 4, status: 'open', expiresAt: '2026-01-15T09:31:59.999Z' }
  })
  t.equal((await service.post(extend, { ttlMs: 5, expectedVersion: 2 })).statusCode, 409)
  for (const body of [{}, { ttlMs: 0 }, { ttlMs: '5' }, { ttlMs: 2_678_400_001 }, { ttlMs: 5, qty: 1 }]) {
    t.equal((await service.post(extend, body)).statusCode, 400, JSON.stringify(body))
  }
  const { body: history } = await service.get(operation('events?limit=1'))
  t.match(JSON.parse(history), {
    items: [{ version: 3, data: { type: 'extended', delta: 0, reservationId: id, units: 4 } }]
  })
  t.match(JSON.parse(history), { items: [{ data: { expiresAt: '2026-01-15T09:31:59.999Z' } }] })

  service.now += 60_000
  const late = await service.post(extend, { ttlMs: 60_000 })
  t.equal(late.statusCode, 404)
  t.match(late.json(), {
    error: { details: { reservationId: id, status: 'expired', endedAt: '2026-01-15T09:31:59.999Z' } }
  })
  t.equal((await service.post(operation('reservations/nobody/extend'), { ttlMs: 5 })).statusCode, 404)
  t.equal((await service.post(operation('reservations/r/extend', 'K2'), { ttlMs: 5 })).statusCode, 404)
})

t.test(
  'a second resolution is told what was first, the same under its key for as long as it is kept',
  async (t) => {
    const service = await begin(t)
    const reservationId = await reserve(service, { qty: 4 })
    service.now += 5
    await service.post(operation('commit'), { reservationId })
    const key = freshKey()
    service.now += 5
    const first = await service.post(operation('release'), { reservationId }, key)
    t.equal(first.statusCode, 404)
    const error = { code: 'NOT_FOUND_ERROR', details: { reservationId, status: 'committed' } }
    t.match(first.json(), { error: { ...error, details: { endedAt: '2026-01-15T09:30:00.005Z' } } })
    t.match(first.json(), { error })
    t.match(
      first.json<{ error: { message: string } }>().error.message,
      /it was committed at 2026-01-15T09:30:00.005Z/
    )
    service.now += 5
    const again = await service.post(operation('release'), { reservationId }, key)
    t.equal(again.body, first.body)
    t.equal(again.headers['idempotency-replayed'], 'true')

    const lines = [{ type: 'commit', storeId: 'S1', sku: 'K1', reservationId }]
    const { results } = (await service.post('/api/inventory/movements', { movements: lines })).json<{
      results: { error: object }[]
    }>()
    t.match(results[0]?.error, error)
  }
)

t.test('a reservation is looked up, by itself and in lists', async (t) => {
  const service = await begin(t)
  await service.post(operation('adjust', 'K2'), { delta: 5 })
  const first = await reserve(service, { qty: 4, ttlMs: 1000 })
  const second = await reserve(service, { qty: 1 })
  const other = await reserve(service, { qty: 2 }, 'K2')
  const target = { storeId: 'S1', sku: 'K1' }
  t.strictSame((await service.get(operation(`reservations/${first}`))).json(), {
    ...{ ...target, id: first, status: 'open', qty: 4 },
    expiresAt: '2026-01-15T09:30:01.000Z'
  })
  const both = [first, second].sort()
  t.strictSame(await idsOf(service, operation('reservations')), both)
  t.strictSame(await idsOf(service, ofStore), [...both, other])
  t.strictSame(await idsOf(service, `${ofStore}?sku=K2`), [other])
  t.strictSame(await idsOf(service, '/api/inventory/stores/none/reservations'), [])

  service.now += 1000
  await service.post(operation('commit'), { reservationId: second })
  t.strictSame((await service.get(operation(`reservations/${second}`))).json(), {
    ...{ ...target, id: second, status: 'committed', qty: 1 },
    endedAt: '2026-01-15T09:30:01.000Z'
  })
  for (const [status, ids] of [
    ['open', []],
    ['expired', [first]],
    ['committed', [second]],
    ['released', []]
  ] as const) {
    t.strictSame(await idsOf(service, `${operation('reservations')}?status=${status}`), ids, status)
  }
  t.equal((await service.get(operation('reservations/nobody'))).statusCode, 404)
  t.equal((await service.get(operation('reservations', 'K3'))).statusCode, 404)
  t.equal((await service.get(`${ofStore}?status=gone`)).statusCode, 400)
  const older = operation('reservations').replace('/api/inventory/stores/', '/stores/')
  t.equal((await service.get(`${older}/${second}`)).json<{ status: string }>().status, 'committed')
})

t.test('pages of a list, and cursors of others', async (t) => {
  const service = await begin(t)
  const ids: string[] = []
  for (let count = 0; count < 5; count += 1) ids.push(await reserve(service, { qty: 1 }))
  for (const status of ['open', 'released']) {
    const found: string[] = []
    let cursor = ''
    do {
      const page: Listed = (await service.get(`${ofStore}?status=${status}&limit=2${cursor}`)).json()
      found.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`
    } while (cursor !== '')
    t.strictSame(found, status === 'open' ? [...ids].sort() : [...ids].reverse())
    for (const reservationId of status === 'open' ? ids : [])
      await service.post(operation('release'), { reservationId })
  }
  const foreign = [
    'sku:K1',
    'reservation:["K1"]',
    'reservation:["K1", "r"]',
    'reservation:{',
    'reservation:1.5'
  ]
  for (const text of foreign) {
    const cursor = Buffer.from(text).toString('base64url')
    t.equal((await service.get(`${ofStore}?cursor=${cursor}`)).statusCode, 400, text)
  }
})

t.test('a pass writes down what has expired, once, and the clock set back does not undo it', async (t) => {
  const service = await begin(t)
  const id = await reserve(service, { qty: 4, ttlMs: 1000 })
  const pass = async () => {
    const passed = await service.inject({ method: 'POST', url: '/api/sync' })
    return passed.json<{ data: object }>().data
  }
  t.match(await pass(), { applied: 2, sequence: 2 })
  service.now += 1000
  t.match((await service.get(recordPath('S1', 'K1'))).json(), { qty: 20, version: 2 })
  const tagged = () => service.get(recordPath('S1', 'K1'), { 'if-none-match': '"2"' })
  t.match((await tagged()).json(), { qty: 20 }, 'nobody is told that what they have is still so')
  service.now -= 1
  t.equal((await tagged()).statusCode, 304)
  t.match((await service.get(recordPath('S1', 'K1'))).json(), { qty: 16 }, 'nothing relied on it yet')
  service.now += 5000
  t.match(await pass(), { applied: 1, sequence: 3 })
  t.match(await pass(), { applied: 0, sequence: 3 })
  service.now -= 1_000_000
  t.match((await service.get(recordPath('S1', 'K1'))).json(), { qty: 20, reserved: 0, version: 3 })
  t.match((await service.get(operation(`reservations/${id}`))).json(), { status: 'expired' })
  t.equal((await service.post(operation('commit'), { reservationId: id })).statusCode, 404)
  t.match((await service.get('/api/central/inventory/K1')).json(), { total: 20, sequence: 3 })
  t.match((await service.get(operation('events?limit=1'))).json(), {
    items: [{ offset: 3, data: { type: 'expired', units: 4, qty: 20, actor: 'expiry sweep' } }]
  })
})
