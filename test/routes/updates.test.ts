import t from 'tap'
import type { RefusedUpdate, UpdateResults } from '../../plugins/schemas/updates.ts'
import { change, createProducts, update, updatesPath } from './product-calls.ts'
import { freshKey, recordPath, startService } from './service.ts'

t.test('one update is applied at the version it was decided on', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 })
  service.now = Date.parse('2026-01-15T09:30:00.000Z')
  const answered = await service.post(updatesPath, update('P', -3, 1))
  t.equal(answered.statusCode, 200)
  t.strictSame(answered.json(), {
    productId: 'P',
    newQuantity: 7,
    newVersion: 2,
    applied: true,
    lastUpdated: '2026-01-15T09:30:00.000Z'
  })
  const [event] = await service.ledger.read(2, 1)
  t.match(event, { event: { storeId: 'central', sku: 'P', askedBy: 'S1' } }, 'who asked stays on the event')
})

t.test('a refused update says what is, under its own status', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 })
  await service.post(updatesPath, update('P', -3, 1))
  const refused: [string, object, number, Omit<RefusedUpdate, 'errorMessage'>][] = [
    [
      'an old version',
      update('P', -1, 1),
      409,
      { productId: 'P', applied: false, newQuantity: 7, newVersion: 2, errorType: 'version_conflict' }
    ],
    [
      'more than there is',
      update('P', -8, 2),
      422,
      { productId: 'P', applied: false, newQuantity: 7, newVersion: 2, errorType: 'insufficient_stock' }
    ],
    [
      'no product, even where units come',
      update('Q', 5, 0),
      404,
      { productId: 'Q', applied: false, newQuantity: 0, newVersion: 0, errorType: 'not_found' }
    ],
    [
      'more than can be counted',
      update('P', Number.MAX_SAFE_INTEGER, 2),
      400,
      { productId: 'P', applied: false, newQuantity: 7, newVersion: 2, errorType: 'validation_error' }
    ]
  ]
  for (const [name, body, status, expected] of refused) {
    const answered = await service.post(updatesPath, body)
    t.equal(answered.statusCode, status, name)
    const { errorMessage, ...facts } = answered.json<RefusedUpdate>()
    t.strictSame(facts, expected, name)
    t.match(errorMessage, new RegExp(`"${expected.productId}"`), 'and names what it is about')
  }
  t.equal(service.ledger.health().sequence, 2, 'nothing was changed')
})

t.test('the operator can have 412 for versions', async (t) => {
  const service = await startService(t, { configuration: { preconditionFailedStatus: 412 } })
  await createProducts(service, { productId: 'P', available: 10 })
  const answered = await service.post(updatesPath, update('P', -1, 7))
  t.equal(answered.statusCode, 412)
  t.match(answered.json(), { errorType: 'version_conflict' })
})

t.test('an update under a used key is answered as the first time, alone or in a batch', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 })
  const sent = update('P', -3, 1)
  const first = await service.post(updatesPath, sent)
  const again = await service.post(updatesPath, sent)
  t.strictSame(again.json(), first.json())
  t.equal(again.headers['idempotency-replayed'], 'true')
  const { storeId, ...inBatch } = sent
  const batched = await service.post(updatesPath, { storeId, updates: [inBatch] })
  t.strictSame(batched.json<UpdateResults>().results, [first.json()])

  const conflicting = await service.post(updatesPath, { ...sent, delta: -4 })
  t.equal(conflicting.statusCode, 409)
  t.match(conflicting.json(), { errorType: 'idempotency_conflict', newQuantity: 7, newVersion: 2 })

  const refused = await service.post(updatesPath, update('P', -100, 2))
  t.equal(refused.statusCode, 422, 'a refusal')
  const stale = update('P', -1, 1)
  const conflict = await service.post(updatesPath, stale)
  await service.post(updatesPath, update('P', -1, 2))
  const replayed = await service.post(updatesPath, stale)
  t.strictSame(replayed.json(), conflict.json(), 'is remembered with the product as it was')
  t.equal(service.ledger.health().sequence, 3)
})

t.test('a header key goes together with the key of the body', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 })
  const sent = update('P', -1, 1)
  const header = { 'idempotency-key': sent.idempotencyKey }
  t.equal((await service.post(updatesPath, sent, header)).statusCode, 200, 'the same one twice is one')
  t.equal((await service.post(updatesPath, sent, header)).headers['idempotency-replayed'], 'true')

  const key = freshKey()
  const other = update('P', -1, 2)
  const first = await service.post(updatesPath, other, key)
  t.equal(first.statusCode, 200)
  t.strictSame((await service.post(updatesPath, other, key)).json(), first.json())
  t.match((await service.post(updatesPath, update('P', -1, 3), key)).json(), {
    error: { name: 'IdempotencyConflictError' }
  })
  t.match((await service.get('/v1/inventory/P')).json(), { available: 8, version: 3 })
})

t.test('If-Match must agree with the body, and is not for batches', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 })
  t.equal((await service.post(updatesPath, update('P', -1, 1), { 'if-match': '"2"' })).statusCode, 400)
  t.equal((await service.post(updatesPath, update('P', -1, 1), { 'if-match': '"1"' })).statusCode, 200)
  const batch = { storeId: 'S1', updates: [change('P', -1, 2)] }
  t.equal((await service.post(updatesPath, batch, { 'if-match': '"2"' })).statusCode, 400)
  t.match((await service.get('/v1/inventory/P')).json(), { version: 2 })
})

t.test('a batch decides each update in its order and on its own', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 }, { productId: 'Q', available: 1 })
  const updates = [
    change('P', -3, 1),
    change('P', -3, 2),
    change('P', -1, 2),
    change('Q', -2, 1),
    change('R', 1, 1)
  ]
  const answered = await service.post(updatesPath, { storeId: 'S1', updates })
  t.equal(answered.statusCode, 200)
  const { results, summary } = answered.json<UpdateResults>()
  t.strictSame(summary, { totalRequests: 5, applied: 2, failed: 3 })
  t.match(results, [
    { productId: 'P', applied: true, newQuantity: 7, newVersion: 2 },
    { productId: 'P', applied: true, newQuantity: 4, newVersion: 3 },
    { productId: 'P', applied: false, newQuantity: 4, newVersion: 3, errorType: 'version_conflict' },
    { productId: 'Q', applied: false, newQuantity: 1, newVersion: 1, errorType: 'insufficient_stock' },
    { productId: 'R', applied: false, newQuantity: 0, newVersion: 0, errorType: 'not_found' }
  ])
  t.equal(service.ledger.health().sequence, 4)
})

t.test('an atomic batch is all or nothing', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 }, { productId: 'Q', available: 1 })
  const refused = await service.post(updatesPath, {
    storeId: 'S1',
    atomic: true,
    updates: [change('P', -3, 1), change('Q', -2, 1)]
  })
  t.equal(refused.statusCode, 422)
  t.match(refused.json(), {
    productId: 'Q',
    applied: false,
    errorType: 'insufficient_stock',
    newQuantity: 1,
    line: 1
  })
  t.match((await service.get('/v1/inventory/P')).json(), { available: 10, version: 1 })

  const updates = [change('P', -3, 1), change('P', -3, 2), change('Q', -1, 1)]
  const applied = await service.post(updatesPath, { storeId: 'S1', atomic: true, updates })
  t.match(applied.json(), { summary: { totalRequests: 3, applied: 3, failed: 0 } })
  t.match((await service.get('/v1/inventory/P')).json(), { available: 4, version: 3 })
})

t.test('what does not fit is refused as a whole, and the fault is named', async (t) => {
  const service = await startService(t)
  await createProducts(service, { productId: 'P', available: 10 })
  const good = update('P', -1, 1)
  const { storeId, ...inBatch } = good
  const faulty: [string, object, string][] = [
    ['a field of nobody', { ...good, qty: 1 }, 'qty'],
    ['no key', { ...good, idempotencyKey: undefined }, 'idempotencyKey'],
    ['no version', { ...good, version: undefined }, 'version'],
    ['a key with a space', { ...good, idempotencyKey: 'a b' }, 'idempotencyKey'],
    ['nothing to change', { ...good, delta: 0 }, 'delta'],
    ['a text for a number', { ...good, version: '1' }, 'version'],
    ['no store', { updates: [inBatch] }, 'storeId'],
    ['an empty batch', { storeId, updates: [] }, 'updates'],
    ['too many', { storeId, updates: Array.from({ length: 1001 }, () => inBatch) }, 'updates'],
    ['one bad line', { storeId, updates: [inBatch, { ...inBatch, delta: 0.5 }] }, 'updates.1.delta'],
    ['both forms at once', { ...good, updates: [inBatch] }, 'productId']
  ]
  for (const [name, body, field] of faulty) {
    const answered = await service.post(updatesPath, body)
    t.equal(answered.statusCode, 400, name)
    const { details } = answered.json<{ error: { details: { field: string }[] } }>().error
    t.equal(details[0]?.field, field, `${name}: ${JSON.stringify(details)}`)
    t.notOk(
      details.some((fault) => fault.field === ''),
      'and nothing is said of the form as such'
    )
  }
  t.equal(service.ledger.health().sequence, 1)
  t.match((await service.get(recordPath('central', 'P'))).json(), { version: 1 })
})
