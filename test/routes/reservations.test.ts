import t from 'tap'
import { recordPath, startService, type TestService } from './service.ts'

const path = recordPath('S1', 'K1')
const operation = (name: string) => recordPath('S1', 'K1', name)

async function reserve(service: TestService, body: object): Promise<string> {
  const answered = await service.post(operation('reserve'), body)
  return answered.json<{ reservation: { id: string } }>().reservation.id
}

t.test('a reservation moves units to reserved and says under which id', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await service.post(operation('adjust'), { delta: 10 })
  const answered = await service.post(operation('reserve'), { qty: 4, ttlMs: 90_000, reference: 'ORDER-1' })
  t.equal(answered.statusCode, 200)
  t.equal(answered.headers.etag, '"2"')
  t.match(answered.json(), {
    success: true,
    newQuantity: 6,
    newVersion: 2,
    record: { qty: 6, reserved: 4, version: 2 },
    reservation: { qty: 4, status: 'open', expiresAt: '2026-01-15T09:31:30.000Z' }
  })
  const forever = await service.post(operation('reserve'), { qty: 1 })
  t.notOk(
    'expiresAt' in forever.json<{ reservation: object }>().reservation,
    'without ttlMs there is no end to it'
  )
})

t.test('held units go back or leave, some or all of them', async (t) => {
  const service = await startService(t)
  await service.post(operation('adjust'), { delta: 10 })
  const reservationId = await reserve(service, { qty: 6 })

  const some = await service.post(operation('release'), { reservationId, qty: 2 })
  t.match(some.json(), { newQuantity: 6, newVersion: 3, record: { reserved: 4 } })
  t.equal(some.headers.etag, '"3"')
  const sold = await service.post(operation('commit'), { reservationId, qty: 1 })
  t.match(sold.json(), { newQuantity: 6, newVersion: 4, record: { reserved: 3 } })
  const rest = await service.post(operation('commit'), { reservationId })
  t.match(rest.json(), { newQuantity: 6, newVersion: 5, record: { reserved: 0 } })

  const other = await reserve(service, { qty: 6 })
  const all = await service.post(operation('release'), { reservationId: other })
  t.match(all.json(), { newQuantity: 6, record: { reserved: 0 } })
})

t.test('what reserving, releasing and committing are refused for', async (t) => {
  const service = await startService(t)
  t.equal((await service.post(operation('reserve'), { qty: 1 })).statusCode, 404)
  t.equal((await service.post(operation('release'), { reservationId: 'r' })).statusCode, 404)
  await service.post(operation('adjust'), { delta: 3 })

  const short = await service.post(operation('reserve'), { qty: 4 })
  t.equal(short.statusCode, 422)
  t.match(short.json(), { error: { details: { requested: 4, available: 3 } } })

  const reservationId = await reserve(service, { qty: 2 })
  for (const name of ['release', 'commit']) {
    const unknown = await service.post(operation(name), { reservationId: 'nobody' })
    t.equal(unknown.statusCode, 404)
    t.match(unknown.json<{ error: { message: string } }>().error.message, /"nobody"/)
    const exceeded = await service.post(operation(name), { reservationId, qty: 3 })
    t.equal(exceeded.statusCode, 422)
    t.match(exceeded.json(), { error: { details: { requested: 3, available: 2 } } })
  }
  t.match((await service.get(path)).json(), { qty: 1, reserved: 2, version: 2 }, 'and nothing has changed')
})

t.test('a reservation ends by itself when its time has passed', async (t) => {
  const service = await startService(t)
  await service.post(operation('adjust'), { delta: 3 })
  const reservationId = await reserve(service, { qty: 3, ttlMs: 1000 })
  service.now += 999
  t.match((await service.get(path)).json(), { qty: 0, reserved: 3 })
  service.now += 1
  t.match((await service.get(path)).json(), { qty: 3, reserved: 0, version: 2 })
  const late = await service.post(operation('commit'), { reservationId })
  t.equal(late.statusCode, 404)
  const endedAt = new Date(service.now).toISOString()
  t.match(late.json(), { error: { details: { reservationId, status: 'expired', endedAt } } })
  const adjusted = await service.post(operation('adjust'), { delta: -3 })
  t.match(adjusted.json(), { newQuantity: 0, newVersion: 4 }, 'the expiry is a change of its own')
})
