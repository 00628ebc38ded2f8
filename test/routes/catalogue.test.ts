import t from 'tap'
import type { CreationResults, DeletionResults, SettingResults } from '../../plugins/schemas/catalogue.ts'
import { createProducts, update, updatesPath } from './product-calls.ts'
import { freshKey, recordPath, startService, type TestService } from './service.ts'

function ask(service: TestService, method: 'PUT' | 'DELETE', payload: object, headers = {}) {
  const url = method === 'PUT' ? '/v1/admin/products/set' : '/v1/admin/products/delete'
  return service.inject({ method, url, payload, headers })
}

t.test('products are created, each on its own', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  await service.post(recordPath('central', 'THERE', 'adjust'), { delta: 1 })
  const created = await createProducts(
    service,
    { productId: 'A', available: 3, price: 0.1 },
    { productId: 'A', available: 3 },
    { productId: 'THERE', available: 3 },
    { productId: 'B', available: 0 }
  )
  t.equal(created.statusCode, 200)
  const { results, summary } = created.json<CreationResults>()
  t.strictSame(summary, { totalRequests: 4, successfulCreations: 2, failedCreations: 2 })
  t.strictSame(results[0], {
    productId: 'A',
    success: true,
    newVersion: 1,
    lastUpdated: '2026-01-15T09:30:00.000Z'
  })
  t.match(results.slice(1), [
    { productId: 'A', success: false, errorType: 'already_exists', errorMessage: /"A"/ },
    { productId: 'THERE', success: false, errorType: 'already_exists' },
    { productId: 'B', success: true }
  ])
  t.match((await service.get('/v1/inventory/A')).json(), { price: 0.1, available: 3 })
})

t.test('what is set of a product changes', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'A', available: 3, name: 'Mug', price: 2 })
  const answered = await ask(service, 'PUT', {
    products: [
      { productId: 'A', price: 3 },
      { productId: 'A', name: 'Cup', available: 9, version: 2 },
      { productId: 'A', price: 1, version: 2 },
      { productId: 'NOTHING', price: 1 }
    ]
  })
  const { results, summary } = answered.json<SettingResults>()
  t.strictSame(summary, { totalRequests: 4, successfulUpdates: 2, failedUpdates: 2 })
  t.match(results, [
    { success: true, newVersion: 2 },
    { success: true, newVersion: 3 },
    { success: false, errorType: 'version_conflict' },
    { success: false, errorType: 'not_found' }
  ])
  t.match((await service.get('/v1/inventory/A')).json(), { name: 'Cup', available: 9, price: 3, version: 3 })
})

t.test('a deleted product keeps its history, and its version goes on', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'A', available: 3 })
  const deleted = await ask(service, 'DELETE', { productIds: ['A', 'A', 'NOTHING'] })
  const { results, summary } = deleted.json<DeletionResults>()
  t.strictSame(summary, { totalRequests: 3, successfulDeletions: 1, failedDeletions: 2 })
  t.match(results, [{ success: true, newVersion: 2 }, { errorType: 'not_found' }, { errorType: 'not_found' }])

  t.equal((await service.get('/v1/inventory/A')).statusCode, 404)
  t.equal((await service.get(recordPath('central', 'A'))).statusCode, 404)
  const late = await service.post(updatesPath, update('A', 1, 2))
  t.equal(late.statusCode, 404)
  const stock = await service.post(recordPath('central', 'A', 'adjust'), { delta: 5 })
  t.equal(stock.statusCode, 404, 'units that come late do not bring it back')
  const history = await service.get(recordPath('central', 'A', 'events'))
  t.match(history.json(), {
    items: [
      { eventType: 'product_deleted', version: 2, data: { delta: -3, qty: 0 } },
      { eventType: 'product_created', version: 1, data: { name: 'A', price: 1 } }
    ]
  })

  const again = await createProducts(service, { productId: 'A', available: 1 })
  t.match(again.json(), { results: [{ success: true, newVersion: 3 }] })
  t.match((await service.get('/v1/inventory')).json(), { items: [{ productId: 'A', version: 3 }] })
})

t.test('a product with open reservations stays, and only it', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'A', available: 3 }, { productId: 'B', available: 3 })
  await service.post(recordPath('central', 'A', 'reserve'), { qty: 2, ttlMs: 1000 })
  const refused = await ask(service, 'DELETE', { productIds: ['A', 'B'] })
  t.match(refused.json(), {
    results: [
      {
        productId: 'A',
        success: false,
        errorType: 'insufficient_stock',
        errorMessage: /reservations hold 2/
      },
      { productId: 'B', success: true }
    ]
  })
  service.now += 1000
  t.match((await ask(service, 'DELETE', { productIds: ['A'] })).json(), { results: [{ success: true }] })
})

t.test('administration under a key happens once', async (t) => {
  const service = await startService(t)
  const key = freshKey()
  const products = [{ productId: 'A', name: 'Mug', available: 3, price: 2 }]
  const first = await service.post('/v1/admin/products/create', { products }, key)
  const again = await service.post('/v1/admin/products/create', { products }, key)
  t.strictSame(again.json(), first.json())
  t.equal(again.headers['idempotency-replayed'], 'true')
  const other = await ask(service, 'DELETE', { productIds: ['A'] }, key)
  t.match(other.json(), { error: { name: 'IdempotencyConflictError', statusCode: 409 } })
  t.equal(service.ledger.health().sequence, 1)
})

t.test('what does not fit changes nothing', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'A', available: 3 })
  const product = { productId: 'B', name: 'Mug', available: 3, price: 2 }
  const faulty: [string, 'POST' | 'PUT' | 'DELETE', object][] = [
    ['no name', 'POST', { products: [{ ...product, name: undefined }] }],
    ['an empty name', 'POST', { products: [{ ...product, name: '' }] }],
    ['a price below zero', 'POST', { products: [{ ...product, price: -0.01 }] }],
    ['a quantity below zero', 'POST', { products: [{ ...product, available: -1 }] }],
    ['a broken quantity', 'POST', { products: [{ ...product, available: 0.5 }] }],
    ['a version', 'POST', { products: [{ ...product, version: 1 }] }],
    ['none at all', 'POST', { products: [] }],
    ['nothing to set', 'PUT', { products: [{ productId: 'A', version: 1 }] }],
    ['none at all', 'PUT', { products: [] }],
    ['an id that is none', 'DELETE', { productIds: [''] }],
    ['none at all', 'DELETE', { productIds: [] }]
  ]
  for (const [name, method, payload] of faulty) {
    const answered =
      method === 'POST'
        ? await service.post('/v1/admin/products/create', payload)
        : await ask(service, method, payload)
    t.match(answered.json(), { error: { statusCode: 400 } }, `${method}: ${name}`)
  }
  const unset = await ask(service, 'PUT', { products: [{ productId: 'A' }] })
  t.match(unset.json(), {
    error: { details: [{ field: 'products.0', reason: /at least one of name, available and price/ }] }
  })
  const preconditioned = await ask(service, 'DELETE', { productIds: ['A'] }, { 'if-match': '"1"' })
  t.equal(preconditioned.statusCode, 400, 'a version in a header would be ignored')
  t.equal(service.ledger.health().sequence, 1)
})
