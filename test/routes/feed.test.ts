import Fastify from 'fastify'
import t from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { LedgerError } from '../../domain/ledger.ts'
import { FeedPage } from '../../plugins/schemas/feed.ts'
import schemas from '../../plugins/schemas/plugin.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { createProducts, update, updatesPath } from './product-calls.ts'
import { recordPath, startService, type TestService } from './service.ts'

const feed = '/v1/inventory/events'

async function page(service: TestService, query: string): Promise<FeedPage> {
  const answered = await service.get(`${feed}?${query}`)
  if (answered.statusCode !== 200) throw new Error(answered.body)
  return answered.json<FeedPage>()
}

/** Events of every type, on records with texts that need escapes. */
async function writeOfAll(service: TestService): Promise<void> {
  const odd = 'Zähl\u{1f600}ung "\\ },{"offset":7'
  const operation = (name: string) => recordPath('S1', odd, name)
  const call = async (url: string, payload: object) => {
    const answered = await service.post(url, payload)
    if (answered.statusCode !== 200) throw new Error(answered.body)
    return answered
  }
  await createProducts(service, { productId: 'MUG', available: 7, price: 4.5, name: odd })
  await call(operation('adjust'), { delta: 10, reason: odd, reference: 'D-1' })
  const held = await call(operation('reserve'), { qty: 4, ttlMs: 60_000, reference: odd })
  const { reservation } = held.json<{ reservation: { id: string } }>()
  await call(operation('commit'), { reservationId: reservation.id, qty: 1 })
  await call(operation('release'), { reservationId: reservation.id, qty: 1 })
  service.now += 60_000
  await call(operation('adjust'), { delta: 1 })
  await call(updatesPath, { ...update('MUG', -2, 1), idempotencyKey: 'k-1' })
  await service.inject({
    method: 'PUT',
    url: '/v1/admin/products/set',
    payload: { products: [{ productId: 'MUG', price: 5, available: 0 }] }
  })
  await service.inject({
    method: 'DELETE',
    url: '/v1/admin/products/delete',
    payload: { productIds: ['MUG'] }
  })
}

t.test('the feed has the changes of all records, in order, of all types', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await writeOfAll(service)
  const { events, ...rest } = await page(service, 'offset=1')
  t.strictSame(rest, { nextOffset: 11, hasMore: false, count: 10 })
  t.strictSame(
    events.map(({ offset, eventType, storeId, version, data }) => [
      offset,
      eventType,
      storeId,
      version,
      data.type
    ]),
    [
      [1, 'product_created', 'central', 1, 'product_created'],
      [2, 'inventory_updated', 'S1', 1, 'adjusted'],
      [3, 'inventory_updated', 'S1', 2, 'reserved'],
      [4, 'inventory_updated', 'S1', 3, 'committed'],
      [5, 'inventory_updated', 'S1', 4, 'released'],
      [6, 'inventory_updated', 'S1', 5, 'expired'],
      [7, 'inventory_updated', 'S1', 6, 'adjusted'],
      [8, 'inventory_updated', 'S1', 2, 'adjusted'],
      [9, 'product_modified', 'central', 3, 'product_modified'],
      [10, 'product_deleted', 'central', 4, 'product_deleted']
    ]
  )
  t.strictSame(
    events[7],
    {
      offset: 8,
      timestamp: '2026-01-15T09:31:00.000Z',
      eventType: 'inventory_updated',
      storeId: 'S1',
      productId: 'MUG',
      version: 2,
      data: { type: 'adjusted', delta: -2, qty: 5, reserved: 0, storeId: 'central', idempotencyKey: 'k-1' }
    },
    'an update names the store that asked, and the one whose record changed'
  )
  t.match(events[8], { data: { name: 'Zähl\u{1f600}ung "\\ },{"offset":7', price: 5, qty: 0, delta: -5 } })
  t.equal(events[1]?.data.storeId, undefined)
})

t.test('the body is what the schema would make of it, to the byte', async (t) => {
  const service = await startService(t)
  await writeOfAll(service)
  const { body } = await service.get(`${feed}?offset=1`)
  const plain = Fastify()
  t.teardown(() => plain.close())
  await plain.register(schemas)
  plain.get(
    '/',
    { schema: { response: { 200: reference(FeedPage) } } },
    async () => JSON.parse(body) as FeedPage
  )
  t.equal((await plain.inject('/')).body, body)
})

t.test('a follower goes from page to page, from the beginning or from anywhere', async (t) => {
  const service = await startService(t)
  t.strictSame(await page(service, 'offset=0'), { events: [], nextOffset: 1, hasMore: false, count: 0 })
  for (let delta = 1; delta <= 7; delta += 1) await service.post(recordPath('S', 'K', 'adjust'), { delta })
  const deltas: number[] = []
  for (let offset = 0, hasMore = true; hasMore;) {
    const next = await page(service, `offset=${offset}&limit=3`)
    deltas.push(...next.events.map(({ data }) => data.delta))
    offset = next.nextOffset
    hasMore = next.hasMore
    t.equal(next.count, next.events.length)
  }
  t.strictSame(deltas, [1, 2, 3, 4, 5, 6, 7])
  t.match(await page(service, 'offset=5&limit=3'), { nextOffset: 8, hasMore: false, count: 3 })
  t.strictSame(await page(service, 'offset=8'), { events: [], nextOffset: 8, hasMore: false, count: 0 })
  t.strictSame(await page(service, 'offset=1000'), { events: [], nextOffset: 1000, hasMore: false, count: 0 })
  t.match(await page(service, `offset=${Number.MAX_SAFE_INTEGER}&limit=1000`), { count: 0 })
})

t.test('filters leave out what does not fit', async (t) => {
  const service = await startService(t)
  await writeOfAll(service)
  const offsets = async (query: string) => {
    const { events, nextOffset } = await page(service, `offset=1&${query}`)
    return [...events.map(({ offset }) => offset), '->', nextOffset]
  }
  t.strictSame(await offsets('productId=MUG'), [1, 8, 9, 10, '->', 11])
  t.strictSame(await offsets('productId=MUG&limit=2'), [1, 8, '->', 9])
  t.strictSame(await offsets('storeId=central'), [1, 8, 9, 10, '->', 11], 'the store of the record')
  t.strictSame(
    await offsets('storeId=S1&limit=1000'),
    [2, 3, 4, 5, 6, 7, 8, '->', 11],
    'or the one that asked'
  )
  t.strictSame(await offsets('storeId=S1&productId=MUG'), [8, '->', 11])
  t.strictSame(await offsets('eventType=product_deleted'), [10, '->', 11])
  t.strictSame(await offsets('productId=mug'), ['->', 11], 'nothing is folded')
})

t.test('what is not a query of the feed is refused', async (t) => {
  const service = await startService(t)
  const wrong = {
    '': 'offset',
    limit: 'offset',
    'offset=-1': 'offset',
    'offset=01': 'offset',
    'offset=1.5': 'offset',
    'offset=1e3': 'offset',
    'offset=': 'offset',
    'offset=9007199254740992': 'offset',
    'offset=1&offset=2': 'offset',
    'offset=1&limit=0': 'limit',
    'offset=1&limit=1001': 'limit',
    'offset=1&wait=61': 'wait',
    'offset=1&wait=-1': 'wait',
    'offset=1&wait=0.5': 'wait',
    'offset=1&storeId=': 'storeId',
    'offset=1&productId=%00': 'productId',
    'offset=1&productId=a&productId=b': 'productId',
    'offset=1&eventType=changed': 'eventType',
    'offset=1&sku=a': 'sku'
  }
  for (const [query, field] of Object.entries(wrong)) {
    const answered = await service.get(`${feed}?${query}`)
    t.equal(answered.statusCode, 400, query)
    t.match(
      answered.json<{ error: { details: { field: string }[] } }>().error.details.map((fault) => fault.field),
      [field],
      query
    )
  }
  const headers = { accept: 'text/event-stream' }
  for (const id of ['x', '-1', '1.5', '9007199254740991', '01']) {
    const answered = await service.get(`${feed}?offset=1`, { ...headers, 'last-event-id': id })
    t.match(answered.json(), {
      error: { statusCode: 400, details: [{ in: 'header', field: 'Last-Event-ID' }] }
    })
  }
  t.equal((await service.get(feed, headers)).statusCode, 400, 'nor is a stream without an offset')
})

t.test('what is no longer kept is gone, and the answer says what is not', async (t) => {
  const service = await startService(t, { ledger: new MemoryLedger({ eventsKeptMax: 5 }) })
  for (let delta = 1; delta <= 12; delta += 1) await service.post(recordPath('S', 'K', 'adjust'), { delta })
  for (const query of ['offset=0', 'offset=1', 'offset=7', 'offset=7&wait=60', 'offset=7&productId=K']) {
    for (const accept of ['application/json', 'text/event-stream']) {
      const answered = await service.get(`${feed}?${query}`, { accept })
      t.equal(answered.statusCode, 410, `${query} as ${accept}`)
      t.match(answered.json(), {
        success: false,
        error: {
          name: 'GoneError',
          code: 'GONE_ERROR',
          message: 'Events before offset 8 are no longer kept',
          details: { oldestOffset: 8 }
        }
      })
    }
  }
  const late = { accept: 'text/event-stream', 'last-event-id': '6' }
  t.equal((await service.get(`${feed}?offset=8`, late)).statusCode, 410)
  t.match(await page(service, 'offset=8'), { nextOffset: 13, count: 5 })
  const history = await service.get(recordPath('S', 'K', 'events'))
  t.equal(history.json<{ items: object[] }>().items.length, 5, 'the history has what is left')
})

/** Its feed ends where the log does: whoever waits for more is told that there is no more. */
class EndingLedger extends MemoryLedger {
  override waitFor(): Promise<void> {
    return Promise.reject(new LedgerError('closed', 'the log has ended'))
  }
}

t.test('the same events come as Server-Sent Events', async (t) => {
  const service = await startService(t, { ledger: new EndingLedger() })
  await writeOfAll(service)
  const { events } = await page(service, 'offset=9')
  const accept = 'text/event-stream, application/json;q=0.5'
  const answered = await service.get(`${feed}?offset=9`, { accept })
  t.match(answered.headers, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    vary: 'Accept'
  })
  const frames = events.map(
    (event) => `id: ${event.offset}\nevent: ${event.eventType}\ndata: ${JSON.stringify(event)}\n\n`
  )
  t.equal(answered.body, `: from offset 9\n\n${frames.join('')}`)
  const resumed = await service.get(`${feed}?offset=1`, { accept, 'last-event-id': '9' })
  t.equal(resumed.body, `: from offset 10\n\n${frames[1]}`)
  const filtered = await service.get(`${feed}?offset=1&eventType=product_created&limit=1&wait=1`, { accept })
  t.match(filtered.body, /^: from offset 1\n\nid: 1\nevent: product_created\ndata: .*\n\n$/)
})

t.test('JSON is what is answered unless an event stream is preferred', async (t) => {
  const service = await startService(t)
  for (const accept of ['*/*', 'application/json', 'application/json, text/event-stream', 'text/html', '']) {
    const answered = await service.get(`${feed}?offset=1`, accept === '' ? {} : { accept })
    t.match(answered.headers, { 'content-type': 'application/json; charset=utf-8', vary: 'Accept' }, accept)
  }
})
