import t from 'tap'
import { recordPath, startService } from './service.ts'

const path = recordPath('S1', 'K1')
const adjust = recordPath('S1', 'K1', 'adjust')

t.test('an adjustment answers the record after it, with its version as ETag', async (t) => {
  const service = await startService(t)
  service.now = Date.parse('2026-01-15T09:30:00.007Z')
  const created = await service.post(adjust, { delta: 10 })
  t.equal(created.statusCode, 200)
  t.strictSame(created.json(), {
    success: true,
    newQuantity: 10,
    newVersion: 1,
    record: {
      storeId: 'S1',
      sku: 'K1',
      qty: 10,
      reserved: 0,
      version: 1,
      updatedAt: '2026-01-15T09:30:00.007Z'
    }
  })
  t.equal(created.headers.etag, '"1"')
  t.match(created.headers['content-type'], /^application\/json/)

  service.now += 1000
  const taken = await service.post(adjust, { delta: -4, reason: 'count', reference: 'doc-7' })
  t.match(taken.json(), { newQuantity: 6, newVersion: 2, record: { updatedAt: '2026-01-15T09:30:01.007Z' } })
  t.equal(taken.headers.etag, '"2"')
  t.strictSame((await service.get(path)).json(), taken.json<{ record: object }>().record)
})

t.test('what an adjustment is refused for', async (t) => {
  const service = await startService(t)
  const missing = await service.post(adjust, { delta: -1 })
  t.equal(missing.statusCode, 404)
  t.match(missing.json(), {
    success: false,
    error: { name: 'NotFoundError', code: 'NOT_FOUND_ERROR', statusCode: 404 }
  })

  await service.post(adjust, { delta: 5 })
  const short = await service.post(adjust, { delta: -6 })
  t.equal(short.statusCode, 422)
  t.match(short.json(), {
    error: {
      name: 'InsufficientStockError',
      code: 'INSUFFICIENT_STOCK_ERROR',
      details: { requested: 6, available: 5 }
    }
  })
  t.match(short.json<{ error: { message: string } }>().error.message, /"K1".*"S1".*6.*5/)
  t.notOk(short.headers.etag)

  const overflow = await service.post(adjust, { delta: Number.MAX_SAFE_INTEGER })
  t.equal(overflow.statusCode, 400)
  t.match(overflow.json(), { error: { name: 'ValidationError' } })

  t.match((await service.get(path)).json(), { qty: 5, version: 1 }, 'and nothing has changed')
})

t.test('the largest quantity there is comes back exactly', async (t) => {
  const service = await startService(t)
  const answered = await service.post(adjust, { delta: Number.MAX_SAFE_INTEGER })
  t.equal(answered.json<{ newQuantity: number }>().newQuantity, Number.MAX_SAFE_INTEGER)
})
