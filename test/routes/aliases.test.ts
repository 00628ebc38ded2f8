import t from 'tap'
import { startService } from './service.ts'

for (const base of ['/api/stores/S1/inventory', '/stores/S1/inventory']) {
  t.test(`older clients find everything below ${base}`, async (t) => {
    const service = await startService(t)
    t.match((await service.post(`${base}/K1/adjust`, { delta: 9 })).json(), { newQuantity: 9 })
    const reserved = await service.post(`${base}/K1/reserve`, { qty: 4 })
    const reservationId = reserved.json<{ reservation: { id: string } }>().reservation.id
    t.match((await service.post(`${base}/K1/release`, { reservationId, qty: 1 })).json(), { newVersion: 3 })
    t.match((await service.post(`${base}/K1/commit`, { reservationId })).json(), { newVersion: 4 })
    const record = await service.get(`${base}/K1`)
    t.match(record.json(), { storeId: 'S1', sku: 'K1', qty: 6, reserved: 0 })
    t.equal(record.headers.etag, '"4"')
    t.match((await service.get(base)).json(), { items: [{ sku: 'K1' }] })
    t.equal((await service.get(`${base}/K1/events`)).json<{ items: unknown[] }>().items.length, 4)
    t.equal((await service.post(`${base}/K1/adjust`, { delta: 0 })).statusCode, 400)
    t.strictSame((await service.get(`/api/inventory/stores/S1/inventory/K1`)).json(), record.json())
  })
}
