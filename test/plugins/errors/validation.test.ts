import t from 'tap'

import { application } from './application.ts'

const lineSchema = {
  type: 'object',
  required: ['sku'],
  additionalProperties: false,
  properties: {
    sku: { type: 'string', minLength: 1 },
    kind: { enum: ['in', 'out'] },
    unit: { const: 'piece' },
    'a/b~c': { type: 'integer' }
  }
}

const bodySchema = {
  type: 'object',
  required: ['lines'],
  additionalProperties: false,
  properties: { lines: { type: 'array', items: lineSchema } }
}

t.test('all that is wrong with a body is listed in one answer', async (t) => {
  const fastify = await application(t)
  fastify.post('/', { schema: { body: bodySchema } }, () => 'fits')
  const payload = {
    lines: [{}, { sku: '', kind: 'up', unit: 'box', 'a/b~c': '5', extra: 1 }],
    more: true
  }
  const response = await fastify.inject({ method: 'POST', url: '/', payload })
  t.equal(response.statusCode, 400)
  const { error } = response.json()
  t.equal(error.name, 'ValidationError')
  t.equal(error.code, 'VALIDATION_ERROR')
  t.equal(error.message, 'The body is not valid: more is not a known field (and 6 more)')
  t.same(error.details, [
    { in: 'body', field: 'more', reason: 'is not a known field' },
    { in: 'body', field: 'lines.0.sku', reason: 'is required' },
    { in: 'body', field: 'lines.1.extra', reason: 'is not a known field' },
    { in: 'body', field: 'lines.1.sku', reason: 'must NOT have fewer than 1 characters' },
    { in: 'body', field: 'lines.1.kind', reason: 'must be one of ["in","out"]' },
    { in: 'body', field: 'lines.1.unit', reason: 'must be "piece"' },
    { in: 'body', field: 'lines.1.a/b~c', reason: 'must be integer' }
  ])
})

t.test('a long batch of faults is cut, and counted', async (t) => {
  const fastify = await application(t)
  fastify.post('/', { schema: { body: bodySchema } }, () => 'fits')
  const payload = { lines: Array.from({ length: 500 }, () => ({})) }
  const { error } = (await fastify.inject({ method: 'POST', url: '/', payload })).json()
  t.equal(error.message, 'The body is not valid: lines.0.sku is required (and 499 more)')
  t.equal(error.details.length, 100)
})

t.test('path, query, headers and the body as a whole', async (t) => {
  const fastify = await application(t)
  const number = { type: 'object', properties: { n: { type: 'string', pattern: '^[0-9]+$' } } }
  fastify.get('/path/:n', { schema: { params: number } }, () => 'fits')
  fastify.get('/query', { schema: { querystring: number } }, () => 'fits')
  fastify.get('/headers', { schema: { headers: number } }, () => 'fits')
  fastify.post('/body', { schema: { body: number } }, () => 'fits')

  const details = async (url: string, headers = {}) =>
    (await fastify.inject({ url, headers })).json().error.details
  const reason = 'must match pattern "^[0-9]+$"'
  t.same(await details('/path/x'), [{ in: 'path', field: 'n', reason }])
  t.same(await details('/query?n=x'), [{ in: 'query', field: 'n', reason }])
  t.same(await details('/headers', { n: 'x' }), [{ in: 'header', field: 'n', reason }])
  const response = await fastify.inject({ method: 'POST', url: '/body', payload: [] })
  t.same(response.json().error.details, [{ in: 'body', field: '', reason: 'must be object' }])
  t.equal(response.json().error.message, 'The body is not valid: must be object')
})

t.test('bodies that cannot be read', async (t) => {
  const fastify = await application(t, { bodyLimit: 20 })
  fastify.post('/', () => 'fits')
  const unreadable: [payload: string, type: string, status: number, name: string][] = [
    ['{"n":', 'application/json', 400, 'ValidationError'],
    ['', 'application/json', 400, 'ValidationError'],
    ['{"__proto__":{}}', 'application/json', 400, 'ValidationError'],
    ['<n/>', 'text/xml', 415, 'ValidationError'],
    ['{}', 'no type', 415, 'ValidationError'],
    [`{"n":"${'9'.repeat(30)}"}`, 'application/json', 413, 'PayloadTooLargeError']
  ]
  for (const [payload, type, status, name] of unreadable) {
    const headers = { 'content-type': type }
    const response = await fastify.inject({ method: 'POST', url: '/', payload, headers })
    t.equal(response.statusCode, status, payload)
    const { error } = response.json()
    t.equal(error.statusCode, status)
    t.equal(error.name, name)
    t.type(error.message, 'string')
  }
})
