import type { Test } from 'tap'
import type { ServiceClient } from './service-client.ts'

const mug = { productId: 'MUG RED/1', name: 'Mug, red', available: 40, price: 8.5 }

export async function callProducts(t: Test, client: ServiceClient): Promise<void> {
  const created = await client.POST('/v1/admin/products/create', {
    params: { header: { 'Idempotency-Key': 'first-products' } },
    body: { products: [mug, { ...mug, productId: 'PLATE' }, mug] }
  })
  t.strictSame(created.data?.summary, { totalRequests: 3, successfulCreations: 2, failedCreations: 1 })
  t.match(created.data?.results[2], { success: false, errorType: 'already_exists' })
  const set = await client.PUT('/v1/admin/products/set', {
    body: { products: [{ productId: mug.productId, price: 9, version: 1 }] }
  })
  t.match(set.data?.results, [{ success: true, newVersion: 2 }])

  const path = { productId: mug.productId }
  const product = await client.GET('/v1/inventory/{productId}', { params: { path } })
  t.match(product.data, { ...mug, price: 9, version: 2 })
  const page = await client.GET('/v1/inventory', { params: { query: { limit: 1 } } })
  t.strictSame(page.data?.items, [product.data])
  const next = await client.GET('/v1/inventory', {
    params: { query: { cursor: page.data?.nextCursor ?? '' } }
  })
  t.strictSame(
    next.data?.items.map(({ productId }) => productId),
    ['PLATE']
  )

  const deleted = await client.DELETE('/v1/admin/products/delete', { body: { productIds: ['PLATE'] } })
  t.match(deleted.data?.summary, { successfulDeletions: 1, failedDeletions: 0 })
  const gone = await client.GET('/v1/inventory/{productId}', { params: { path: { productId: 'PLATE' } } })
  t.equal(gone.error?.error.code, 'NOT_FOUND_ERROR')
}

export async function callUpdates(t: Test, client: ServiceClient): Promise<void> {
  const { productId } = mug
  const sale = { productId, delta: -2, version: 2, idempotencyKey: 'till-7-1' }
  const one = await client.POST('/v1/inventory/updates', { body: { storeId: 'S1', ...sale } })
  if (one.data === undefined || !('applied' in one.data)) throw new Error('one update has one result')
  t.match(one.data, { productId, applied: true, newQuantity: 38, newVersion: 3 })

  const late = await client.POST('/v1/inventory/updates', {
    body: { storeId: 'S1', ...sale, idempotencyKey: 'till-7-2' }
  })
  t.equal(late.response.status, 409)
  if (late.error === undefined || !('errorType' in late.error)) throw new Error('a refusal says its type')
  t.match(late.error, { applied: false, errorType: 'version_conflict', newQuantity: 38, newVersion: 3 })

  const several = await client.POST('/v1/inventory/updates', {
    body: { storeId: 'S1', updates: [sale, { ...sale, delta: -99, version: 3, idempotencyKey: 'till-7-3' }] }
  })
  if (several.data === undefined || !('results' in several.data))
    throw new Error('several updates have results')
  t.strictSame(several.data.summary, { totalRequests: 2, applied: 1, failed: 1 })
  t.match(several.data.results[1], { errorType: 'insufficient_stock' })
}

export async function callFeed(t: Test, client: ServiceClient): Promise<void> {
  const { data } = await client.GET('/v1/inventory/events', {
    params: { query: { offset: 1, limit: 1, eventType: 'product_created' } }
  })
  t.match(data, {
    count: 1,
    events: [{ eventType: 'product_created', productId: mug.productId, version: 1 }]
  })
  const limits = await client.GET('/v1/admin/rate-limit/status')
  t.match(limits.data, { enabled: false, currentClients: [] })
}
