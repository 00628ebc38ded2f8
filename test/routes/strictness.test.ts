import t from 'tap'
import { recordPath, startService } from './service.ts'

const path = recordPath('S1', 'K1')
const adjust = recordPath('S1', 'K1', 'adjust')

const wrongAdjustments: readonly [body: string, field: string][] = [
  ['{}', 'delta'],
  ['[]', ''],
  ['null', ''],
  ['"text"', ''],
  ['5', ''],
  ['{"delta":"5"}', 'delta'],
  ['{"delta":null}', 'delta'],
  ['{"delta":true}', 'delta'],
  ['{"delta":[5]}', 'delta'],
  ['{"delta":1.5}', 'delta'],
  ['{"delta":1e400}', 'delta'],
  ['{"delta":-1e400}', 'delta'],
  ['{"delta":9007199254740992}', 'delta'],
  ['{"delta":-9007199254740992}', 'delta'],
  ['{"delta":0}', 'delta'],
  ['{"delta":-0}', 'delta'],
  ['{"Delta":1}', 'delta'],
  ['{"delta":1,"quantity":1}', 'quantity'],
  ['{"delta":1,"expectedVersion":"1"}', 'expectedVersion'],
  ['{"delta":1,"expectedVersion":null}', 'expectedVersion'],
  ['{"delta":1,"expectedVersion":-1}', 'expectedVersion'],
  ['{"delta":1,"expectedVersion":1.5}', 'expectedVersion'],
  ['{"delta":1,"reason":5}', 'reason'],
  ['{"delta":1,"reason":"a\\u0000b"}', 'reason'],
  ['{"delta":1,"reason":"a\\nb"}', 'reason'],
  ['{"delta":1,"reason":"\\ud800"}', 'reason'],
  ['{"delta":1,"reason":"\\udc00\\ud800"}', 'reason'],
  [`{"delta":1,"reference":"${'x'.repeat(513)}"}`, 'reference'],
  ['{"delta":1,"ttlMs":5}', 'ttlMs']
]

t.test('a body that does not fit is refused with the field named, and changes nothing', async (t) => {
  const service = await startService(t)
  for (const [body, field] of wrongAdjustments) {
    const answered = await service.post(adjust, body)
    t.equal(answered.statusCode, 400, body.slice(0, 60))
    const { error } = answered.json<{ error: { details: { in: string; field: string }[] } }>()
    t.ok(
      error.details.some((fault) => fault.in === 'body' && fault.field === field),
      JSON.stringify(error)
    )
  }
  t.equal((await service.get(path)).statusCode, 404)
})

t.test('every mistake of a small body is listed', async (t) => {
  const service = await startService(t)
  const answered = await service.post(adjust, { delta: '5', reason: 7, extra: 1 })
  const { details } = answered.json<{ error: { details: { field: string }[] } }>().error
  t.strictSame(details.map(({ field }) => field).sort(), ['delta', 'extra', 'reason'])
})

t.test('what is no JSON at all', async (t) => {
  const service = await startService(t)
  for (const body of [
    '',
    '{',
    '{"delta":1}}',
    "{'delta':1}",
    '{"delta":NaN}',
    '{"delta":01}',
    '\ufeff\ufeff{}'
  ]) {
    const answered = await service.post(adjust, body)
    t.equal(answered.statusCode, 400, JSON.stringify(body))
    t.match(answered.json(), { success: false, error: { name: 'ValidationError', code: 'VALIDATION_ERROR' } })
  }
})

t.test('a body that is no UTF-8', async (t) => {
  const service = await startService(t)
  const headers = { 'content-type': 'application/json' }
  // Overlong, a surrogate, cut off, beyond Unicode: a decoder makes U+FFFD of each, and one SKU of two.
  for (const hex of ['ff', 'c0af', 'eda080', 'f09f98', 'f4908080']) {
    const line = Buffer.from('{"movements":[{"type":"adjust","storeId":"S1","sku":"K","delta":1}]}')
    const at = line.indexOf('K')
    const payload = Buffer.concat([line.subarray(0, at), Buffer.from(hex, 'hex'), line.subarray(at + 1)])
    const answered = await service.inject({
      method: 'POST',
      url: '/api/inventory/movements',
      headers,
      payload
    })
    t.equal(answered.statusCode, 400, hex)
    t.match(answered.json(), { error: { details: [{ in: 'body', field: '', reason: 'must be UTF-8' }] } })
  }
  t.equal(service.ledger.health().sequence, 0)
})

t.test('keys that reach for a prototype are refused', async (t) => {
  const service = await startService(t)
  for (const body of [
    '{"delta":1,"__proto__":{"delta":2}}',
    '{"__proto__":{"delta":1}}',
    '{"delta":1,"\\u005f_proto__":{}}',
    '{"delta":1,"constructor":{"prototype":{"delta":1}}}'
  ]) {
    const answered = await service.post(adjust, body)
    t.equal(answered.statusCode, 400, body)
    t.match(answered.json(), { error: { name: 'ValidationError' } })
  }
  t.equal((await service.get(path)).statusCode, 404)
})

t.test('a body that is no JSON by its own word', async (t) => {
  const service = await startService(t)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense']) {
    const answered = await service.post(adjust, '{"delta":1}', { 'content-type': type })
    t.equal(answered.statusCode, 415, type)
    t.match(answered.json(), { success: false, error: { name: 'ValidationError', statusCode: 415 } })
  }
  const bare = await service.inject({ method: 'POST', url: adjust })
  t.equal(bare.statusCode, 400, 'no body at all')
})

t.test('a body over the limit', async (t) => {
  const service = await startService(t, { configuration: { bodyLimitBytes: 1000 } })
  t.equal((await service.post(adjust, '{"delta":1}'.padEnd(1000))).statusCode, 200)
  const answered = await service.post(adjust, '{"delta":1}'.padEnd(1001))
  t.equal(answered.statusCode, 413)
  t.match(answered.json(), { error: { name: 'PayloadTooLargeError', code: 'PAYLOAD_TOO_LARGE_ERROR' } })
})

t.test('reservations are as strict', async (t) => {
  const service = await startService(t)
  await service.post(adjust, { delta: 10 })
  for (const body of [
    '{"qty":0}',
    '{"qty":-1}',
    '{"qty":"1"}',
    '{"qty":1,"ttlMs":0}',
    '{"qty":1,"ttlMs":2678400001}',
    '{"qty":1,"ttlMs":1.5}',
    '{"qty":1,"reason":"x"}'
  ]) {
    t.equal((await service.post(`${path}/reserve`, body)).statusCode, 400, body)
  }
  t.equal(
    (await service.post(`${path}/reserve`, { qty: 1, ttlMs: 2_678_400_000 })).statusCode,
    200,
    '31 days'
  )
  for (const body of ['{}', '{"reservationId":""}', '{"reservationId":5}', '{"reservationId":"r","qty":0}']) {
    t.equal((await service.post(`${path}/release`, body)).statusCode, 400, body)
    t.equal((await service.post(`${path}/commit`, body)).statusCode, 400, body)
  }
})

t.test('a route that is not there answers in the envelope, or as problem details', async (t) => {
  const service = await startService(t)
  for (const [method, url] of [
    ['GET', '/'],
    ['GET', '/api/inventory'],
    ['DELETE', path],
    ['GET', adjust],
    ['GET', path.toUpperCase()],
    ['GET', '/api/inventory/stores/S1/inventory/../../etc']
  ] as const) {
    const answered = await service.inject({ method, url })
    t.equal(answered.statusCode, 404, `${method} ${url}`)
    t.match(answered.json(), { success: false, error: { name: 'NotFoundError', code: 'NOT_FOUND_ERROR' } })
    t.ok(answered.headers['x-request-id'])
  }
  const problem = await service.get('/nowhere', { accept: 'application/problem+json' })
  t.equal(problem.headers['content-type'], 'application/problem+json')
  t.match(problem.json(), { type: 'urn:bincard:error:not-found', status: 404, code: 'NOT_FOUND_ERROR' })
})

t.test('each refusal as problem details has the same facts', async (t) => {
  const service = await startService(t)
  await service.post(adjust, { delta: 1 })
  for (const [body, status, code] of [
    [{ delta: -2 }, 422, 'INSUFFICIENT_STOCK_ERROR'],
    [{ delta: 1, expectedVersion: 9 }, 409, 'CONFLICT_ERROR'],
    [{ delta: 'x' }, 400, 'VALIDATION_ERROR']
  ] as const) {
    const answered = await service.post(adjust, body, { accept: 'application/problem+json' })
    t.equal(answered.statusCode, status)
    t.equal(answered.headers['content-type'], 'application/problem+json')
    const problem = answered.json<{ details: unknown; detail: string }>()
    const plain = (await service.post(adjust, body)).json<{ error: { details: unknown; message: string } }>()
    t.match(problem, { status, code })
    t.strictSame([problem.detail, problem.details], [plain.error.message, plain.error.details])
  }
})

t.test("every answer carries the caller's request id, or a new one", async (t) => {
  const service = await startService(t)
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const own = 'x'.repeat(128)
  for (const [url, body] of [
    [adjust, '{"delta":1}'],
    [adjust, '{'],
    ['/nowhere', '{}'],
    ['/api/inventory/stores/%ff/inventory/K1/adjust', '{}']
  ] as const) {
    t.equal((await service.post(url, body, { 'x-request-id': own })).headers['x-request-id'], own, url)
    for (const odd of ['', `${own}x`, 'a b', 'é', 'tab\t']) {
      t.match((await service.post(url, body, { 'x-request-id': odd })).headers['x-request-id'], uuid, url)
    }
    t.match((await service.post(url, body)).headers['x-request-id'], uuid)
  }
})
