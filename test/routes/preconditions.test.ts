import t from 'tap'
import { recordPath, startService, type TestService } from './service.ts'

const operation = (name: string) => recordPath('S1', 'K1', name)

/** A record at version 3 with a reservation of 4 units, and a body that suits each operation. */
async function stocked(service: TestService): Promise<Record<string, object>> {
  await service.post(operation('adjust'), { delta: 10 })
  await service.post(operation('adjust'), { delta: 10 })
  const reserved = await service.post(operation('reserve'), { qty: 4 })
  const { reservation } = reserved.json<{ reservation: { id: string } }>()
  const resolution = { reservationId: reservation.id, qty: 1 }
  return { adjust: { delta: 1 }, reserve: { qty: 1 }, release: resolution, commit: resolution }
}

for (const status of [409, 412] as const) {
  t.test(`a version that does not match is ${status} where the operator says so`, async (t) => {
    const service = await startService(t, { configuration: { preconditionFailedStatus: status } })
    for (const [name, body] of Object.entries(await stocked(service))) {
      const refused = await service.post(operation(name), body, { 'if-match': '"1"' })
      t.equal(refused.statusCode, status, name)
      t.match(refused.json(), {
        error: {
          name: 'ConflictError',
          code: 'CONFLICT_ERROR',
          statusCode: status,
          details: { expected: 1, actual: 3 }
        }
      })
    }
    t.match((await service.get(recordPath('S1', 'K1'))).json(), { version: 3 }, 'and nothing has changed')
  })
}

t.test('a version that matches lets the write through, on every operation', async (t) => {
  const service = await startService(t)
  let version = 3
  for (const [name, body] of Object.entries(await stocked(service))) {
    const answered = await service.post(operation(name), body, { 'if-match': `"${version}"` })
    t.equal(answered.statusCode, 200, name)
    version += 1
    t.equal(answered.headers.etag, `"${version}"`)
  }
  for (const name of ['adjust', 'reserve']) {
    const body = name === 'adjust' ? { delta: 1 } : { qty: 1 }
    const answered = await service.post(operation(name), { ...body, expectedVersion: version })
    t.equal(answered.statusCode, 200, name)
    version += 1
    const stale = await service.post(operation(name), { ...body, expectedVersion: version - 1 })
    t.equal(stale.statusCode, 409)
  }
})

t.test('lists, * and weak tags', async (t) => {
  const service = await startService(t)
  await stocked(service)
  const statusOf = async (tags: string) =>
    (await service.post(operation('adjust'), { delta: 1, reason: tags }, { 'if-match': tags })).statusCode
  t.equal(await statusOf('"1", "3"'), 200)
  t.equal(await statusOf('*'), 200)
  t.equal(await statusOf('W/"5"'), 409, 'a weak tag never matches')
  t.equal(await statusOf('"05"'), 409)
})

t.test('create only, change only', async (t) => {
  const service = await startService(t)
  const adjust = operation('adjust')
  t.equal((await service.post(adjust, { delta: 1 }, { 'if-match': '*' })).statusCode, 409)
  t.equal((await service.post(adjust, { delta: 1 }, { 'if-none-match': '*' })).statusCode, 200)
  const again = await service.post(adjust, { delta: 1 }, { 'if-none-match': '*' })
  t.match(again.json(), { error: { statusCode: 409, details: { expected: 0, actual: 1 } } })
  t.equal((await service.post(adjust, { delta: 1, expectedVersion: 0 })).statusCode, 409)
})

t.test('preconditions that cannot be understood', async (t) => {
  const service = await startService(t)
  const adjust = operation('adjust')
  await service.post(adjust, { delta: 1 })
  for (const [headers, body] of [
    [{ 'if-match': '1' }, { delta: 1 }],
    [{ 'if-match': '' }, { delta: 1 }],
    [{ 'if-match': '"1" "2"' }, { delta: 1 }],
    [{ 'if-none-match': '"1"' }, { delta: 1 }],
    [{ 'if-match': '"1"' }, { delta: 1, expectedVersion: 2 }],
    [{ 'if-match': '"1"', 'if-none-match': '*' }, { delta: 1 }]
  ] as const) {
    const answered = await service.post(adjust, body, headers)
    t.equal(answered.statusCode, 400, JSON.stringify([headers, body]))
    t.match(answered.json(), { error: { name: 'ValidationError', code: 'VALIDATION_ERROR' } })
  }
  const agreeing = await service.post(adjust, { delta: 1, expectedVersion: 1 }, { 'if-match': '"1"' })
  t.equal(agreeing.statusCode, 200, 'header and body may say the same')
})
