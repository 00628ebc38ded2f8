import type { Test } from 'tap'
import type { ServiceClient } from './service-client.ts'

const path = { storeId: 'Straße 1/2', sku: '..%2F85123a' }
const record = '/api/inventory/stores/{storeId}/inventory/{sku}'

export async function callStock(t: Test, client: ServiceClient): Promise<void> {
  const missing = await client.GET(record, { params: { path } })
  t.equal(missing.response.status, 404)
  t.equal(missing.data, undefined)
  t.equal(missing.error?.error.name, 'NotFoundError')

  const adjusted = await client.POST(`${record}/adjust`, {
    params: { path, header: { 'Idempotency-Key': 'opening', 'If-None-Match': '*' } },
    body: { delta: 100, reason: 'opening stock' }
  })
  t.equal(adjusted.response.headers.get('etag'), '"1"')
  t.strictSame(adjusted.data?.record, {
    ...path,
    qty: 100,
    reserved: 0,
    version: 1,
    updatedAt: adjusted.data?.record.updatedAt
  })

  const held = await client.POST(`${record}/reserve`, { params: { path }, body: { qty: 5, ttlMs: 900_000 } })
  const reservationId: string = held.data?.reservation.id ?? ''
  t.match(held.data, { newQuantity: 95, newVersion: 2, reservation: { qty: 5, status: 'open' } })
  await callReservations(t, client, reservationId)
  const released = await client.POST(`${record}/release`, {
    params: { path },
    body: { reservationId, qty: 2 }
  })
  t.match(released.data, { newQuantity: 97, record: { reserved: 3 } })
  const sold = await client.POST(`${record}/commit`, { params: { path }, body: { reservationId } })
  t.match(sold.data, { newQuantity: 97, newVersion: 5, record: { reserved: 0 } })

  const read = await client.GET(record, { params: { path, header: { 'If-None-Match': '"4"' } } })
  t.strictSame(read.data, sold.data?.record)
  const page = await client.GET('/api/inventory/stores/{storeId}/inventory', {
    params: { path: { storeId: path.storeId }, query: { limit: 10 } }
  })
  t.strictSame(page.data, { items: [read.data] })
  const history = await client.GET(`${record}/events`, { params: { path, query: { limit: 4 } } })
  t.strictSame(
    history.data?.items.map(({ data }) => data.type),
    ['committed', 'released', 'extended', 'reserved']
  )
  const older = await client.GET(`${record}/events`, {
    params: { path, query: { cursor: history.data?.nextCursor ?? '' } }
  })
  t.strictSame(
    older.data?.items.map(({ version, data }) => [version, data.reason]),
    [[1, 'opening stock']]
  )
}

async function callReservations(t: Test, client: ServiceClient, reservationId: string): Promise<void> {
  const one = { params: { path: { ...path, reservationId } } }
  const read = await client.GET(`${record}/reservations/{reservationId}`, one)
  t.match(read.data, { ...path, id: reservationId, status: 'open', qty: 5 })
  const extended = await client.POST(`${record}/reservations/{reservationId}/extend`, {
    ...one,
    body: { ttlMs: 1_800_000, expectedVersion: 2 }
  })
  t.match(extended.data, { newQuantity: 95, newVersion: 3, reservation: { id: reservationId, qty: 5 } })
  const status = 'open'
  const ofRecord = await client.GET(`${record}/reservations`, { params: { path, query: { status } } })
  t.strictSame(ofRecord.data?.items, [{ ...read.data, expiresAt: extended.data?.reservation.expiresAt }])
  const ofStore = await client.GET('/api/inventory/stores/{storeId}/reservations', {
    params: { path: { storeId: path.storeId }, query: { sku: path.sku, limit: 5 } }
  })
  t.strictSame(ofStore.data, ofRecord.data)
}

export async function callMovements(t: Test, client: ServiceClient): Promise<void> {
  const line = { storeId: 'S1', sku: 'K1' }
  const { data } = await client.POST('/api/inventory/movements', {
    body: {
      movements: [
        { type: 'adjust', ...line, delta: 3, idempotencyKey: 'line-1' },
        { type: 'reserve', ...line, qty: 2 },
        { type: 'commit', ...line, reservationId: 'unknown' }
      ]
    }
  })
  t.strictSame(data?.summary, { total: 3, applied: 2, failed: 1 })
  t.equal(data?.results[1]?.reservation?.qty, 2)
  t.equal(data?.results[2]?.error?.code, 'NOT_FOUND_ERROR')

  const refused = await client.POST('/api/inventory/movements', {
    body: { movements: [{ type: 'adjust', ...line, delta: -9 }], atomic: true }
  })
  t.equal(refused.response.status, 422)
  t.strictSame(refused.error?.error.details, { requested: 9, available: 1, line: 0 })
}
