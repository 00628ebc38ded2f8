import t from 'tap'
import type { MovementsResult } from '../../plugins/schemas/movements.ts'
import { recordPath, startService } from './service.ts'

const url = '/api/inventory/movements'
const line = (sku: string, delta: number, more: object = {}) => ({
  type: 'adjust',
  storeId: 'S1',
  sku,
  delta,
  ...more
})

t.test('each movement is decided against those before it and answered in its place', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  const answered = await service.post(url, {
    movements: [
      line('A', 10, { reason: 'delivery', reference: 'D-1' }),
      line('A', -4, { expectedVersion: 1 }),
      line('A', -7),
      { type: 'reserve', storeId: 'S1', sku: 'A', qty: 2, ttlMs: 1000 },
      line('B', -1),
      line('A', -1, { expectedVersion: 1 }),
      line('B', 1, { expectedVersion: 0 })
    ]
  })
  t.equal(answered.statusCode, 200)
  const { results, summary } = answered.json<MovementsResult>()
  t.strictSame(summary, { total: 7, applied: 4, failed: 3 })
  t.strictSame(results[0], { storeId: 'S1', sku: 'A', applied: true, newQuantity: 10, newVersion: 1 })
  t.strictSame(results[2], {
    storeId: 'S1',
    sku: 'A',
    applied: false,
    newQuantity: 6,
    newVersion: 2,
    error: {
      name: 'InsufficientStockError',
      message: 'The record of SKU "A" in store "S1": requested 7, available 6',
      code: 'INSUFFICIENT_STOCK_ERROR',
      statusCode: 422,
      details: { requested: 7, available: 6 }
    }
  })
  t.match(results[3], {
    applied: true,
    newQuantity: 4,
    reservation: { qty: 2, status: 'open', expiresAt: '2026-01-15T09:30:01.000Z' }
  })
  t.match(results[4], { sku: 'B', newQuantity: 0, newVersion: 0, error: { statusCode: 404 } })
  t.match(results[5], {
    error: { name: 'ConflictError', statusCode: 409, details: { expected: 1, actual: 3 } }
  })
  t.match(results[6], { sku: 'B', applied: true, newVersion: 1 })

  const reservationId = results[3]?.reservation?.id
  const resolved = await service.post(url, {
    movements: [
      { type: 'release', storeId: 'S1', sku: 'A', reservationId, qty: 1, reference: 'R-1' },
      { type: 'commit', storeId: 'S1', sku: 'A', reservationId, reason: 'sold' }
    ]
  })
  t.match(resolved.json(), { results: [{ newQuantity: 5 }, { newQuantity: 5 }], summary: { applied: 2 } })
  t.match((await service.get(recordPath('S1', 'A'))).json(), { qty: 5, reserved: 0, version: 5 })
})

t.test('all or nothing: the first refusal answers, names its line and leaves no trace', async (t) => {
  const service = await startService(t)
  await service.post(url, { movements: [line('A', 5)] })
  const movements = [line('B', 3), line('A', -3), line('A', -3)]
  const refused = await service.post(url, { movements, atomic: true })
  t.equal(refused.statusCode, 422)
  t.match(refused.json(), {
    success: false,
    error: { name: 'InsufficientStockError', details: { requested: 3, available: 2, line: 2 } }
  })
  t.match((await service.get(recordPath('S1', 'A'))).json(), { qty: 5, version: 1 })
  t.equal((await service.get(recordPath('S1', 'B'))).statusCode, 404)

  const conflict = await service.post(url, {
    movements: [line('A', 1, { expectedVersion: 7 })],
    atomic: true
  })
  t.equal(conflict.statusCode, 409)
  t.match(conflict.json(), { error: { details: { expected: 7, actual: 1, line: 0 } } })

  const applied = await service.post(url, { movements: movements.slice(0, 2), atomic: true })
  t.match(applied.json(), { summary: { total: 2, applied: 2, failed: 0 } })
})

t.test("a movement's own key applies it once, whatever batch it comes in", async (t) => {
  const service = await startService(t)
  const keyed = line('A', 5, { idempotencyKey: 'row-1', reference: 'D-1' })
  await service.post(url, { movements: [keyed] })
  await service.post(url, { movements: [line('A', 1)] })
  const again = await service.post(url, { movements: [line('B', 1), keyed, keyed] })
  t.match(again.json(), {
    results: [{}, { applied: true, newQuantity: 5, newVersion: 1 }, { applied: true, newVersion: 1 }]
  })
  t.match((await service.get(recordPath('S1', 'A'))).json(), { qty: 6, version: 2 })

  const other = await service.post(url, { movements: [line('A', 6, { idempotencyKey: 'row-1' })] })
  t.match(other.json(), {
    results: [
      {
        applied: false,
        error: {
          name: 'IdempotencyConflictError',
          code: 'IDEMPOTENCY_CONFLICT_ERROR',
          statusCode: 409,
          message: /"row-1"/
        }
      }
    ]
  })
})

t.test('a batch takes no entity tags, as it has no version of its own', async (t) => {
  const service = await startService(t)
  for (const header of ['if-match', 'if-none-match']) {
    const answered = await service.post(url, { movements: [line('A', 5)] }, { [header]: '"1"' })
    t.equal(answered.statusCode, 400)
    t.match(answered.json(), { error: { details: [{ in: 'header', reason: /expectedVersion/ }] } })
  }
})

t.test('ten thousand movements go in one request, more do not', async (t) => {
  const service = await startService(t)
  const movements = Array.from({ length: 10_000 }, (_, index) => line(`sku ${index % 700}`, 1))
  const answered = await service.post(url, { movements })
  t.match(answered.json(), { summary: { total: 10_000, applied: 10_000, failed: 0 } })
  const tooMany = await service.post(url, { movements: [...movements, line('x', 1)] })
  t.equal(tooMany.statusCode, 400)
  t.match(tooMany.json(), { error: { details: [{ field: 'movements', reason: /10000/ }] } })
})

t.test('a body of up to 8 MiB is read, a larger one is not', async (t) => {
  const service = await startService(t)
  const body = JSON.stringify({ movements: [line('A', 1)] })
  const limit = 8 * 1024 * 1024
  t.equal((await service.post(url, body.padEnd(limit))).statusCode, 200)
  const refused = await service.post(url, body.padEnd(limit + 1))
  t.equal(refused.statusCode, 413)
  t.match(refused.json(), { error: { name: 'PayloadTooLargeError', code: 'PAYLOAD_TOO_LARGE_ERROR' } })
})

t.test('a wrong movement is named by its place, and nothing of the batch is applied', async (t) => {
  const service = await startService(t)
  const wrong: readonly [object, RegExp][] = [
    [{ type: 'set', storeId: 'S1', sku: 'A', delta: 1 }, /type adjust, reserve/],
    [{ storeId: 'S1', sku: 'A', delta: 1 }, /type/],
    [{ type: 'adjust', storeId: 'S1', sku: 'A' }, /delta/],
    [{ type: 'adjust', storeId: 'S1', sku: 'A', qty: 1, delta: 1 }, /qty/],
    [{ type: 'adjust', storeId: 'S1', sku: 'A', delta: '1' }, /integer/],
    [{ type: 'adjust', storeId: 'S1', sku: 'A', delta: 0 }, /other than 0/],
    [{ type: 'adjust', storeId: 'S1', sku: 'A', delta: 1, ttlMs: 5 }, /ttlMs/],
    [{ type: 'reserve', storeId: 'S1', sku: 'A', qty: 0 }, />= 1/],
    [{ type: 'release', storeId: 'S1', sku: 'A', qty: 1 }, /reservationId/],
    [{ type: 'commit', storeId: 'S1', sku: '', reservationId: 'r' }, /1 to 128/],
    [{ type: 'adjust', storeId: 'S1', sku: 'A', delta: 1, idempotencyKey: 'a b' }, /visible ASCII/]
  ]
  for (const [movement, reason] of wrong) {
    const answered = await service.post(url, { movements: [line('A', 1), movement] })
    t.equal(answered.statusCode, 400, JSON.stringify(movement))
    t.match(answered.json<{ error: { message: string } }>().error.message, reason)
    t.match(answered.json<{ error: { message: string } }>().error.message, /movements\.1/)
  }
  for (const body of [
    {},
    { movements: [] },
    { movements: {} },
    { movements: [line('A', 1)], atomic: 'true' }
  ]) {
    t.equal((await service.post(url, body)).statusCode, 400, JSON.stringify(body))
  }
  t.equal((await service.get(recordPath('S1', 'A'))).statusCode, 404)
})

t.test('a large body that is all wrong has its first mistake named', async (t) => {
  const service = await startService(t)
  const movements = Array.from({ length: 10_000 }, () => line('A', 0, { a: 1, b: 2 }))
  const answered = await service.post(url, { movements })
  t.equal(answered.statusCode, 400)
  t.equal(answered.json<{ error: { details: unknown[] } }>().error.details.length, 1)
})
