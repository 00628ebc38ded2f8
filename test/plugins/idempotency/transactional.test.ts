import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'

import type { IdempotencyIdentity as DomainIdentity } from '../../../domain/unit.ts'
import type { IdempotencyIdentity } from '../../../plugins/idempotency/plugin.ts'
import { application, Clock } from './application.ts'

/** What the plugin makes of a key is what the ledger takes. */
const forTheLedger = (identity: IdempotencyIdentity): DomainIdentity => identity

const clock = new Clock()
const options = { ttlMs: 5000, now: clock.now }

function echo(request: FastifyRequest): object {
  const identity = request.idempotencyIdentity
  return { identity: identity === null ? null : forTheLedger(identity) }
}

function aliases(fastify: FastifyInstance): void {
  const named = { config: { idempotency: { mode: 'transactional', operation: 'adjust' } } } as const
  fastify.post('/api/stores/:storeId/:sku/adjust', named, echo)
  fastify.post('/:storeId/:sku/adjust', named, echo)
  fastify.put('/:storeId/:sku/adjust', named, echo)
  const other = { config: { idempotency: { mode: 'transactional', operation: 'reserve' } } } as const
  fastify.post('/:storeId/:sku/reserve', other, echo)
  fastify.post('/plain/*', { config: { idempotency: 'transactional' } }, echo)
  fastify.post('/keyless', echo)
}

t.test('the identity: scope and key, fingerprint, end of life', async (t) => {
  const { fastify, post } = await application(t, options, aliases)
  const { identity } = (await post('/S/1/adjust', 'k-1', { payload: { delta: 1 } })).json()
  t.match(identity, { key: 'anonymous k-1', fingerprint: /^[\w-]{22}$/, until: clock.now() + 5000 })

  const none = await fastify.inject({ method: 'POST', url: '/S/1/adjust', payload: {} })
  t.same(none.json(), { identity: null }, 'without the header there is none')
  t.same((await post('/keyless', 'k-1')).json(), { identity: null }, 'nor where the route does not ask')
  t.same((await post('/keyless', 'not a key')).json(), { identity: null })
})

t.test('the scope is the application’s', async (t) => {
  const scope = (request: FastifyRequest) => String(request.headers['x-api-key'])
  const { post } = await application(t, { ...options, scope }, aliases)
  const { identity } = (await post('/S/1/adjust', 'k-1', { headers: { 'x-api-key': 'one two' } })).json()
  t.equal(identity.key, 'one two k-1')
})

t.test('what is the same request and what is another', async (t) => {
  const { fastify, post } = await application(t, options, aliases)
  const fingerprint = async (url: string, payload?: object | string, headers: Record<string, string> = {}) =>
    (await post(url, 'k', { headers, ...(payload !== undefined && { payload }) })).json().identity.fingerprint
  const adjust = '/S/a%2Fb/adjust'
  const body = { delta: 1, reason: 'count', expectedVersion: 3 }
  const same = await fingerprint(adjust, body)

  const alike: [name: string, fingerprint: Promise<string>][] = [
    ['order of fields', fingerprint(adjust, { expectedVersion: 3, reason: 'count', delta: 1 })],
    [
      'blanks and escapes',
      fingerprint(adjust, '{ "reason":"c\\u006funt","delta":1.0,"expectedVersion":3e0}', json)
    ],
    ['another path of the operation', fingerprint('/api/stores/S/a%2fb/adjust', body)],
    ['query of a named operation', fingerprint(`${adjust}?trace=1`, body)],
    ['a header that is no precondition', fingerprint(adjust, body, { accept: 'text/html' })]
  ]
  for (const [name, other] of alike) t.equal(await other, same, name)

  const others: [name: string, fingerprint: Promise<string>][] = [
    ['value', fingerprint(adjust, { ...body, delta: 2 })],
    ['one field more', fingerprint(adjust, { ...body, reference: 'x' })],
    ['type', fingerprint(adjust, { ...body, delta: '1' })],
    ['no body', fingerprint(adjust)],
    ['null', fingerprint(adjust, 'null', json)],
    ['SKU', fingerprint('/S/a/adjust', body)],
    ['store and SKU the other way round', fingerprint('/a%2Fb/S/adjust', body)],
    ['operation', fingerprint('/S/a%2Fb/reserve', body)],
    ['If-Match', fingerprint(adjust, body, { 'if-match': '"3"' })],
    ['If-None-Match', fingerprint(adjust, body, { 'if-none-match': '"3"' })],
    ['plain path', fingerprint('/plain/one', body)],
    ['another plain path', fingerprint('/plain/two', body)],
    ['query of a plain path', fingerprint('/plain/one?draft=1', body)]
  ]
  const seen = new Map<string, string>([[same, 'the first']])
  for (const [name, promise] of others) {
    const other = await promise
    t.equal(seen.get(other), undefined, name)
    seen.set(other, name)
  }
  const put = await fastify.inject({
    method: 'PUT',
    url: adjust,
    payload: body,
    headers: { 'idempotency-key': 'k' }
  })
  t.equal(seen.get(put.json().identity.fingerprint), undefined, 'method')
})

t.test('keys', async (t) => {
  const { post } = await application(t, options, aliases)
  for (const key of ['!', '~', 'k'.repeat(255), '"quoted"', 'a,b', '0f8fad5b-d9cb-469f-a165-70867728950e']) {
    t.equal((await post('/S/1/adjust', key)).json().identity.key, `anonymous ${key}`)
  }
  for (const key of ['', ' ', 'a b', 'k'.repeat(256), 'é', '\u007f', 'a\tb', '€']) {
    const response = await post('/S/1/adjust', key)
    t.equal(response.statusCode, 400, JSON.stringify(key))
    t.match(response.json(), {
      code: 'MALFORMED_IDEMPOTENCY_KEY',
      message: /^Idempotency-Key must be 1 to 255/
    })
  }
})

t.test('a body without a canonical form is refused, with a key only', async (t) => {
  const { fastify, post } = await application(t, options, aliases)
  const payload = '{"reason":"\\ud800"}'
  const response = await post('/S/1/adjust', 'k', { payload, headers: json })
  t.equal(response.statusCode, 400)
  t.equal(response.json().code, 'UNCANONICAL_BODY')
  const keyless = await fastify.inject({ method: 'POST', url: '/S/1/adjust', payload, headers: json })
  t.equal(keyless.statusCode, 200)
})

t.test('bodies that are not JSON', async (t) => {
  const { post } = await application(t, options, (fastify) => {
    fastify.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer' },
      (_request, body, done) => {
        done(null, body)
      }
    )
    fastify.addContentTypeParser('application/stream', (_request, body, done) => done(null, body))
    fastify.post('/', { config: { idempotency: 'transactional' } }, echo)
  })
  const send = (payload: string | Buffer, type: string) =>
    post('/', 'k', { payload, headers: { 'content-type': type } })
  const fingerprint = async (payload: string | Buffer, type: string) =>
    (await send(payload, type)).json().identity.fingerprint
  const bytes = await fingerprint(Buffer.from([1, 2, 255]), 'application/octet-stream')
  t.equal(await fingerprint(Buffer.from([1, 2, 255]), 'application/octet-stream'), bytes)
  t.not(await fingerprint(Buffer.from([1, 2, 254]), 'application/octet-stream'), bytes)
  t.not(await fingerprint('one', 'text/plain'), await fingerprint('two', 'text/plain'))
  const streamed = await send('one', 'application/stream')
  t.equal(streamed.statusCode, 500)
  t.match(streamed.json().message, /cannot take its body as a stream/)
})

t.test('keys of lines', async (t) => {
  const lines: IdempotencyIdentity[] = []
  const { post } = await application(t, options, (fastify) => {
    fastify.post<{ Body: { key: string; facts: unknown } }>('/', (request, reply) => {
      const { key, facts } = request.body
      lines.push(request.lineIdentity(key, facts))
      reply.idempotencyReplayed().send()
    })
  })
  const facts = ['adjust', 'STORE001', 'SKU123', -1, null]
  const line = async (key: string, facts: unknown) => post('/', 'k', { payload: { key, facts } as object })
  const first = await line('l-1', facts)
  t.equal(first.headers['idempotency-replayed'], 'true')
  await line('l-1', facts)
  await line('l-1', [...facts.slice(0, 3), -2, null])
  await line('l-1', { sku: 'SKU123', delta: -1 })
  await line('l-1', { delta: -1, sku: 'SKU123' })
  t.match(lines[0], { key: 'anonymous l-1', fingerprint: /^[\w-]{22}$/, until: clock.now() + 5000 })
  t.same(lines[1], lines[0])
  t.not(lines[2]?.fingerprint, lines[0]?.fingerprint)
  t.same(lines[4], lines[3], 'the order of fields does not matter')
  const texts = ['one text', '"one text"', (lines[0] as IdempotencyIdentity).fingerprint, 'x'.repeat(65)]
  for (const text of texts) await line('l-2', text)
  const ofTexts = lines.slice(5).map(({ fingerprint }) => fingerprint)
  t.equal(ofTexts[0], 'one text', 'a short text is its own')
  t.not(ofTexts[2], lines[0]?.fingerprint, 'a text does not pass for the digest of something else')
  for (const other of ofTexts.slice(2)) t.match(other, /^[\w-]{22}$/)
  t.equal(new Set(ofTexts).size, texts.length)
  const malformed = await line('a b', facts)
  t.equal(malformed.statusCode, 400)
  t.match(malformed.json().message, /^idempotencyKey must be/)
})

const json = { 'content-type': 'application/json' }
