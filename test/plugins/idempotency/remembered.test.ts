import t from 'tap'

import { MemoryIdempotencyStore, type IdempotencyStore } from '../../../plugins/idempotency/plugin.ts'
import { application, Clock, config, remembering, ttlMs } from './application.ts'

t.test('the first answer again: status, headers and bytes', async (t) => {
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.post('/things', { config }, (_request, reply) => {
      calls += 1
      reply.code(201).header('location', `/things/${calls}`).header('etag', `"${calls}"`)
      return { calls, name: 'Käse' }
    })
  })
  const first = await post('/things', 'k', { payload: { a: 1, b: 2 } })
  t.equal(first.statusCode, 201)
  t.notOk('idempotency-replayed' in first.headers)
  const again = await post('/things', 'k', { payload: { b: 2, a: 1 } })
  t.equal(again.statusCode, 201)
  t.same(again.rawPayload, first.rawPayload)
  t.equal(again.headers['idempotency-replayed'], 'true')
  for (const name of ['content-type', 'content-length', 'etag', 'location']) {
    t.equal(again.headers[name], first.headers[name], name)
  }
  t.equal(calls, 1)
  t.same((await post('/things', 'k2', { payload: { a: 1, b: 2 } })).json().calls, 2, 'another key')
})

t.test('without a key every request is its own', async (t) => {
  let calls = 0
  const { fastify } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, () => ({ calls: (calls += 1) }))
  })
  await fastify.inject({ method: 'POST', url: '/' })
  t.same((await fastify.inject({ method: 'POST', url: '/' })).json(), { calls: 2 })
})

t.test('the same key with another payload', async (t) => {
  const { post } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, (request) => request.body)
  })
  await post('/', 'k', { payload: { a: 1 } })
  const other = await post('/', 'k', { payload: { a: 2 } })
  t.equal(other.statusCode, 409)
  t.equal(other.json().code, 'IDEMPOTENCY_CONFLICT_ERROR')
  t.match(other.json().message, '"k"')
  t.same((await post('/', 'k', { payload: { a: 1 } })).json(), { a: 1 }, 'the first answer stays')
})

t.test('which answers are remembered', async (t) => {
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.post<{ Params: { status: string } }>('/thrown/:status', { config }, (request) => {
      calls += 1
      throw Object.assign(new Error(`Call ${calls}`), { statusCode: Number(request.params.status) })
    })
    fastify.post<{ Params: { status: string } }>('/sent/:status', { config }, (request, reply) => {
      calls += 1
      return reply.code(Number(request.params.status)).send({ calls })
    })
  })
  const twice = async (url: string) => {
    const before = calls
    const first = await post(url, url)
    const second = await post(url, url)
    const remembered = calls - before === 1
    if (remembered) t.same(second.rawPayload, first.rawPayload, url)
    t.equal('idempotency-replayed' in second.headers, remembered)
    t.equal(second.statusCode, first.statusCode)
    return remembered
  }
  for (const status of [404, 409, 410, 412, 422]) {
    t.ok(await twice(`/thrown/${status}`), String(status))
    t.ok(await twice(`/sent/${status}`), String(status))
  }
  for (const status of [200, 201, 202, 303]) t.ok(await twice(`/sent/${status}`), String(status))
  for (const status of [400, 401, 403, 408, 413, 415, 425, 428, 429, 500, 502, 503]) {
    t.notOk(await twice(`/thrown/${status}`), String(status))
    t.notOk(await twice(`/sent/${status}`), String(status))
  }
})

t.test('what fails before the handler claims nothing', async (t) => {
  const { post } = await remembering(t, (fastify) => {
    const schema = { body: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } }
    fastify.post('/', { config, schema }, (request) => request.body)
  })
  t.equal((await post('/', 'k', { payload: {} })).statusCode, 400)
  t.same((await post('/', 'k', { payload: { n: 1 } })).json(), { n: 1 }, 'corrected, under the same key')
})

t.test('after its time a key is free', async (t) => {
  const clock = new Clock()
  let calls = 0
  const { post } = await remembering(
    t,
    (fastify) => {
      fastify.post('/', { config }, (request) => ({ calls: (calls += 1), body: request.body }))
    },
    clock
  )
  await post('/', 'k', { payload: { n: 1 } })
  clock.advance(ttlMs)
  t.equal((await post('/', 'k', { payload: { n: 1 } })).json().calls, 1, 'up to its end')
  clock.advance(1)
  t.equal((await post('/', 'k', { payload: { n: 2 } })).json().calls, 2, 'for another payload even')
})

t.test('callers in other scopes have other keys', async (t) => {
  let calls = 0
  const store = new MemoryIdempotencyStore()
  const scope = (request: { headers: Record<string, unknown> }) => String(request.headers['x-api-key'])
  const { post } = await application(t, { ttlMs, store, scope }, (fastify) => {
    fastify.post('/', { config }, () => ({ calls: (calls += 1) }))
  })
  for (const [name, call] of [
    ['a', 1],
    ['b', 2],
    ['a', 1],
    ['b', 2]
  ] as const) {
    t.same((await post('/', 'k', { headers: { 'x-api-key': name } })).json(), { calls: call })
  }
})

t.test('a store that fails', async (t) => {
  let calls = 0
  const outage = () => Promise.reject(new Error('the store is out of order'))
  const handled = async (store: IdempotencyStore) => {
    calls = 0
    const { post } = await application(t, { ttlMs, store }, (fastify) => {
      fastify.post('/:status', { config }, async (request, reply) => {
        calls += 1
        return reply.code(Number((request.params as { status: string }).status)).send({ calls })
      })
    })
    return post
  }
  const noClaim = await handled({ claim: outage, complete: outage, release: outage })
  t.equal((await noClaim('/200', 'k')).statusCode, 500)
  t.equal(calls, 0, 'without a claim nothing is done')

  const noMemory = await handled({ claim: () => ({ kind: 'first' }), complete: outage, release: outage })
  t.same((await noMemory('/200', 'k')).json(), { calls: 1 }, 'what was done is answered')
  t.equal((await noMemory('/503', 'k')).statusCode, 503, 'and so is what was not')

  const kept = new MemoryIdempotencyStore()
  const noRelease = await handled({
    claim: (identity) => kept.claim(identity),
    complete: (identity, answer) => kept.complete(identity, answer),
    release: outage
  })
  t.same((await noRelease('/200', 'k')).json(), { calls: 1 })
})
