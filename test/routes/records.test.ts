import t from 'tap'
import type { StockPage } from '../../plugins/schemas/stock.ts'
import { recordPath, startService, type TestService } from './service.ts'

const list = '/api/inventory/stores/S1/inventory'

async function fill(service: TestService, skus: readonly string[]): Promise<void> {
  for (const sku of skus) await service.post(recordPath('S1', sku, 'adjust'), { delta: 1 })
}

async function pages(service: TestService, limit: number, between: (page: number) => Promise<void>) {
  const skus: string[] = []
  let url = `${list}?limit=${limit}`
  for (let page = 1; ; page++) {
    const { items, nextCursor } = (await service.get(url)).json<StockPage>()
    skus.push(...items.map(({ sku }) => sku))
    if (nextCursor === undefined) return skus
    url = `${list}?limit=${limit}&cursor=${nextCursor}`
    await between(page)
  }
}

t.test("a store's records come in the order of their SKUs", async (t) => {
  const service = await startService(t)
  await fill(service, ['b', 'B', 'a', 'é', '10', '9', '💶'])
  await service.post(recordPath('S2', 'other', 'adjust'), { delta: 1 })
  const answered = await service.get(list)
  t.equal(answered.statusCode, 200)
  const { items, nextCursor } = answered.json<StockPage>()
  t.strictSame(
    items.map(({ sku }) => sku),
    ['10', '9', 'B', 'a', 'b', 'é', '💶']
  )
  t.equal(nextCursor, undefined)
  t.strictSame(items[0], (await service.get(recordPath('S1', '10'))).json(), 'each as it is read alone')
})

t.test('a store that has nothing is an empty list', async (t) => {
  const service = await startService(t)
  t.strictSame((await service.get('/api/inventory/stores/nowhere/inventory')).json(), { items: [] })
})

t.test('pages are complete and disjoint while others write', async (t) => {
  const service = await startService(t)
  const skus = Array.from({ length: 25 }, (_, index) => `sku ${String(index).padStart(2, '0')}`)
  await fill(service, skus)
  t.strictSame(await pages(service, 25, async () => undefined), skus, 'a full last page has no next one')
  const seen = await pages(service, 4, async (page) => {
    await fill(service, [`early ${page}`, `sku ${String(page * 4).padStart(2, '0')}`, `sku 24 ${page}`])
  })
  t.strictSame(
    seen.filter((sku) => skus.includes(sku)),
    skus
  )
  t.equal(new Set(seen).size, seen.length)
})

t.test('there are a hundred to a page where nobody says how many', async (t) => {
  const service = await startService(t)
  const movements = Array.from({ length: 101 }, (_, index) => ({
    type: 'adjust',
    storeId: 'S1',
    sku: `sku ${index}`,
    delta: 1
  }))
  await service.post('/api/inventory/movements', { movements })
  const page = (await service.get(list)).json<StockPage>()
  t.equal(page.items.length, 100)
  t.equal((await service.get(`${list}?limit=1000`)).json<StockPage>().items.length, 101)
})

t.test('limits and cursors that are none', async (t) => {
  const service = await startService(t)
  await fill(service, ['a', 'b'])
  const { nextCursor = '' } = (await service.get(`${list}?limit=1`)).json<StockPage>()
  const history = await service.get(`${recordPath('S1', 'a', 'events')}?limit=1&cursor=${nextCursor}`)
  t.equal(history.statusCode, 400, 'a cursor is of one kind of list only')
  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=-1',
    'limit=05',
    'limit=5.0',
    'limit=1e1',
    'limit=0x5',
    'limit=%205',
    'limit=',
    'limit=5&limit=6',
    'limit=ten',
    'cursor=',
    'cursor=!!!',
    'cursor=YQ',
    'cursor=c2t1Ov8',
    `cursor=${nextCursor}=`,
    'cursor=a&cursor=b',
    'offset=5'
  ]) {
    const answered = await service.get(`${list}?${query}`)
    t.equal(answered.statusCode, 400, query)
    t.match(answered.json(), { error: { name: 'ValidationError', details: [{ in: 'query' }] } })
  }
})
