import t from 'tap'
import type { StockHistory } from '../../plugins/schemas/history.ts'
import { recordPath, startService } from './service.ts'

const events = recordPath('S1', 'K1', 'events')
const operation = (name: string) => recordPath('S1', 'K1', name)

t.test('the history says of each change what, when, why and what was left', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await service.post(operation('adjust'), { delta: 10, reason: 'delivery', reference: 'D-1' })
  await service.post(recordPath('S1', 'other', 'adjust'), { delta: 1 })
  service.now += 1000
  const reserved = await service.post(operation('reserve'), { qty: 4, ttlMs: 60_000, reference: 'O-1' })
  const { reservation } = reserved.json<{ reservation: { id: string } }>()
  await service.post(operation('commit'), { reservationId: reservation.id, qty: 1 })
  await service.post(operation('release'), { reservationId: reservation.id, qty: 1 })
  service.now += 60_000
  await service.post(operation('adjust'), { delta: 1 }, { 'idempotency-key': 'k-1' })

  const answered = await service.get(events)
  t.equal(answered.statusCode, 200)
  const { items, nextCursor } = answered.json<StockHistory>()
  t.equal(nextCursor, undefined)
  t.strictSame(items.at(-1), {
    offset: 1,
    timestamp: '2026-01-15T09:30:00.000Z',
    eventType: 'inventory_updated',
    storeId: 'S1',
    productId: 'K1',
    version: 1,
    data: { type: 'adjusted', delta: 10, qty: 10, reserved: 0, reason: 'delivery', reference: 'D-1' }
  })
  t.strictSame(items.at(-2), {
    offset: 3,
    timestamp: '2026-01-15T09:30:01.000Z',
    eventType: 'inventory_updated',
    storeId: 'S1',
    productId: 'K1',
    version: 2,
    data: {
      type: 'reserved',
      delta: -4,
      qty: 6,
      reserved: 4,
      reservationId: reservation.id,
      units: 4,
      expiresAt: '2026-01-15T09:31:01.000Z',
      reference: 'O-1'
    }
  })
  t.strictSame(
    items.map(({ data }) => [data.type, data.delta, data.qty, data.reserved, data.units]),
    [
      ['adjusted', 1, 10, 0, undefined],
      ['expired', 2, 9, 0, 2],
      ['released', 1, 7, 2, 1],
      ['committed', 0, 6, 3, 1],
      ['reserved', -4, 6, 4, 4],
      ['adjusted', 10, 10, 0, undefined]
    ]
  )
  t.equal(items[0]?.data.idempotencyKey, 'k-1', 'the key is the one that the caller gave')
})

t.test('the history pages from the newest on, whatever is written meanwhile', async (t) => {
  const service = await startService(t)
  for (let delta = 1; delta <= 7; delta++) await service.post(operation('adjust'), { delta })
  const deltas: number[] = []
  for (let url = `${events}?limit=3`; ;) {
    const { items, nextCursor } = (await service.get(url)).json<StockHistory>()
    deltas.push(...items.map(({ data }) => data.delta))
    if (nextCursor === undefined) break
    url = `${events}?limit=3&cursor=${nextCursor}`
    await service.post(operation('adjust'), { delta: 100 })
  }
  t.strictSame(deltas, [7, 6, 5, 4, 3, 2, 1])
})

t.test('there is no history of what is not there, nor a place for a wrong cursor', async (t) => {
  const service = await startService(t)
  t.equal((await service.get(events)).statusCode, 404)
  await service.post(operation('adjust'), { delta: 1 })
  const cursor = (text: string) => Buffer.from(text).toString('base64url')
  for (const wrong of [
    'sequence:0',
    'sequence:-1',
    'sequence:x',
    'sequence:',
    'sequence:01',
    'sku:K1',
    'x'
  ]) {
    const answered = await service.get(`${events}?cursor=${cursor(wrong)}`)
    t.equal(answered.statusCode, 400, wrong)
  }
})
