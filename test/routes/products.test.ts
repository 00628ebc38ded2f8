import t from 'tap'
import type { Product, ProductPage } from '../../plugins/schemas/products.ts'
import { createProducts, update, updatesPath } from './product-calls.ts'
import { recordPath, startService } from './service.ts'

t.test('a product is the record of the central pool with its catalogue fields', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await createProducts(service, { productId: 'A/1', available: 7, price: 4.5, name: 'Mug, red' })
  const read = await service.get('/v1/inventory/A%2F1')
  t.equal(read.statusCode, 200)
  t.equal(read.headers['etag'], '"1"')
  t.strictSame(read.json(), {
    productId: 'A/1',
    name: 'Mug, red',
    available: 7,
    version: 1,
    lastUpdated: '2026-01-15T09:30:00.000Z',
    price: 4.5
  })
  t.match((await service.get(recordPath('central', 'A/1'))).json(), { qty: 7, version: 1 }, 'the same record')
  t.equal((await service.get('/v1/inventory/A%2F1', { 'if-none-match': '"1"' })).statusCode, 304)
  t.match((await service.get('/v1/inventory/NOTHING')).json(), {
    error: { statusCode: 404, message: 'There is no product "NOTHING"' }
  })

  const held = await service.post(recordPath('central', 'A/1', 'reserve'), { qty: 3 })
  t.equal(held.statusCode, 200)
  t.match(
    (await service.get('/v1/inventory/A%2F1')).json(),
    { available: 4, version: 2 },
    'what is held is not available'
  )
  await service.post(recordPath('central', 'UNNAMED', 'adjust'), { delta: 5 })
  t.match(
    (await service.get('/v1/inventory/UNNAMED')).json(),
    { name: 'UNNAMED', price: 0, available: 5 },
    'a record that nobody named goes by its SKU'
  )
})

t.test('another store can be the central pool', async (t) => {
  const service = await startService(t, { configuration: { centralStoreId: 'HUB 1' } })
  await createProducts(service, { productId: 'P', available: 7 })
  t.match((await service.get(recordPath('HUB 1', 'P'))).json(), { qty: 7 })
  t.equal((await service.get(recordPath('central', 'P'))).statusCode, 404)
})

t.test('a list goes on where it was, whatever comes and goes meanwhile', async (t) => {
  const service = await startService(t)
  const ids = ['B', 'D', 'F', 'H', 'a']
  for (const productId of ids) await createProducts(service, { productId, available: 1 })
  const seen: string[] = []
  let query = '?limit=2'
  for (let page = 0; page < 10; page += 1) {
    const { items, nextCursor, offset } = (await service.get(`/v1/inventory${query}`)).json<ProductPage>()
    seen.push(...items.map(({ productId }) => productId))
    t.equal(offset, service.ledger.health().sequence, 'each page says the offset that it reflects')
    if (nextCursor === undefined) break
    query = `?limit=2&cursor=${nextCursor}`
    if (page > 0) continue
    // Behind the cursor and before it: one comes, one goes, one changes.
    await createProducts(service, { productId: 'A', available: 1 }, { productId: 'E', available: 1 })
    await service.inject({
      method: 'DELETE',
      url: '/v1/admin/products/delete',
      payload: { productIds: ['B', 'H'] }
    })
  }
  t.strictSame(seen, ['B', 'D', 'E', 'F', 'a'])

  const other = await service.get('/v1/inventory?cursor=c2t1OkE')
  t.match(
    other.json(),
    { error: { statusCode: 400, details: [{ field: 'cursor' }] } },
    'a cursor of another list'
  )
  for (const limit of ['0', '101', '1.5', 'x', '']) {
    t.equal((await service.get(`/v1/inventory?limit=${limit}`)).statusCode, 400, `limit=${limit}`)
  }
  t.equal((await service.get('/v1/inventory?limit=100')).json<ProductPage>().items.length, 5)
})

t.test('the default page has 50 products', async (t) => {
  const service = await startService(t)
  const many = Array.from({ length: 51 }, (_, index) => ({ productId: `P${index}`, available: 1 }))
  await createProducts(service, ...many)
  const { items, nextCursor } = (await service.get('/v1/inventory')).json<ProductPage>()
  t.equal(items.length, 50)
  t.ok(nextCursor)
})

t.test('from the offset of the first page the feed brings a follower up to date', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'A', available: 5 }, { productId: 'B', available: 5 })
  const first = (await service.get('/v1/inventory?limit=1')).json<ProductPage>()
  await service.post(updatesPath, update('A', -1, 1))
  const second = (await service.get(`/v1/inventory?limit=1&cursor=${first.nextCursor}`)).json<ProductPage>()
  t.strictSame([first.offset, second.offset], [2, 3])
  const [missed] = await service.ledger.read(first.offset + 1, 1)
  t.match(missed, { event: { sku: 'A', qty: 4, version: 2 } })
  t.match([...first.items, ...second.items] satisfies Product[], [{ version: 1 }, { version: 1 }])
})
