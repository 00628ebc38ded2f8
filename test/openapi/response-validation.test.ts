import t from 'tap'
import { servedDocument } from '../../openapi/document.ts'
import { ResponseValidation, type Answered, type ServedDocument } from './response-validation.ts'

const path = '/api/inventory/stores/S1/inventory/K1'
const body = {
  storeId: 'S1',
  sku: 'K1',
  qty: 1,
  reserved: 0,
  version: 1,
  updatedAt: '2026-01-15T09:30:00.000Z'
}
const headers = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'r', etag: '"1"' }
const record: Answered = { statusCode: 200, headers, body: JSON.stringify(body) }
const changed = (change: object): Answered => ({ ...record, body: JSON.stringify({ ...body, ...change }) })
const without = (header: string): Answered => ({ ...record, headers: { ...headers, [header]: undefined } })

t.test('the check that every route test relies on can fail', async (t) => {
  const { json } = await servedDocument()
  const validation = new ResponseValidation(JSON.parse(json) as ServedDocument)
  t.doesNotThrow(() => validation.check('GET', path, record))
  t.doesNotThrow(() => validation.check('GET', '/stores/S1/inventory/K1', record), 'an older path')
  t.throws(() => validation.check('GET', path, changed({ extra: 1 })), /additional/)
  t.throws(() => validation.check('GET', path, changed({ qty: '1' })), /integer/)
  t.throws(() => validation.check('GET', path, changed({ sku: undefined })), /required/)
  t.throws(() => validation.check('GET', path, changed({ updatedAt: 'today' })), /date-time/)
  t.throws(() => validation.check('GET', path, without('etag')), /ETag is missing/)
  t.throws(() => validation.check('GET', path, without('x-request-id')), /x-request-id is missing/)
  t.throws(() => validation.check('GET', path, without('content-type')), /undefined is not in the document/)
  t.throws(
    () => validation.check('GET', path, { ...record, headers: { ...headers, etag: 'W/"1"' } }),
    /pattern/
  )
  t.throws(
    () => validation.check('GET', path, { ...record, headers: { ...headers, 'retry-after': '1' } }),
    /Retry-After is not in the document/
  )
  const limited = { ...headers, 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '199' }
  t.doesNotThrow(() => validation.check('GET', path, { ...record, headers: limited }), 'where limits are on')
  const alive: Answered = {
    statusCode: 200,
    headers: { ...limited, etag: undefined },
    body: '{"status":"ok"}'
  }
  t.throws(
    () => validation.check('GET', '/api/health/liveness', alive),
    /X-RateLimit-Limit is not in the document/
  )
  t.throws(
    () => validation.check('GET', path, { ...record, headers: { ...limited, 'x-ratelimit-reset': '0' } }),
    /X-RateLimit-Reset: data must match pattern/
  )
  t.throws(
    () => validation.check('GET', path, { ...record, statusCode: 201 }),
    /status is not in the document/
  )
  t.throws(() => validation.check('GET', path, { ...record, statusCode: 304 }), /no body is in the document/)
  t.throws(() => validation.check('GET', path, { ...without('etag'), statusCode: 404 }), /success/)
  t.throws(() => validation.check('GET', '/nowhere', record), /not in the document answered/)
})
