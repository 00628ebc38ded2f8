import Fastify, { type RouteShorthandOptions } from 'fastify'
import t from 'tap'

import idempotency, { MemoryIdempotencyStore } from '../../../plugins/idempotency/plugin.ts'

const store = new MemoryIdempotencyStore()

const wrongOptions: [options: object, message: string][] = [
  [{}, 'option ttlMs: must be a whole number of milliseconds of at least 1'],
  [{ ttlMs: 0 }, 'option ttlMs: must be a whole number of milliseconds of at least 1'],
  [{ ttlMs: '5m' }, 'option ttlMs: must be a whole number of milliseconds of at least 1'],
  [{ ttlMs: 1, now: 5 }, 'option now: must be a function that gives milliseconds'],
  [{ ttlMs: 1, scope: 'me' }, 'option scope: must be a function that gives the scope of a request'],
  [{ ttlMs: 1, store: {} }, 'option store: must have the methods claim, complete, release'],
  [{ ttlMs: 1, store: null }, 'option store: must have the methods claim, complete, release'],
  [{ ttlMs: 1, ttl: 5 }, 'option ttl: Unexpected property']
]

t.test('options that do not fit stop the registration', async (t) => {
  for (const [options, message] of wrongOptions) {
    await t.rejects(
      async () => {
        await Fastify().register(idempotency, options as { ttlMs: number })
      },
      new TypeError(`bincard-idempotency: ${message}`)
    )
  }
})

t.test('routes that make no sense stop the start', async (t) => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(idempotency, { ttlMs: 1000 })
  const define = (method: string | string[], setting: unknown) => () =>
    fastify.route({
      method,
      url: '/thing',
      handler: () => 'done',
      config: { idempotency: setting } as RouteShorthandOptions['config'] & object
    })
  t.throws(define('POST', 'remembered'), /option store is needed for the remembered route \/thing/)
  t.throws(define('POST', 'always'), /route \/thing: the mode must be remembered or transactional/)
  t.throws(define('POST', {}), /route \/thing: the mode must be remembered or transactional/)
  t.throws(define('GET', 'transactional'), /route \/thing: GET is safe and takes no key/)
  t.throws(define(['POST', 'HEAD'], 'transactional'), /route \/thing: HEAD is safe and takes no key/)
})

t.test('the route’s own hooks stay and come first', async (t) => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(idempotency, { ttlMs: 1000, store })
  for (const [url, hooks] of [
    ['/one', 1],
    ['/two', 2]
  ] as const) {
    const refuse = async () => {
      throw Object.assign(new Error('no key for you'), { statusCode: 401 })
    }
    const preHandler = hooks === 1 ? refuse : [async () => {}, refuse]
    fastify.post(url, { config: { idempotency: 'remembered' }, preHandler }, () => 'done')
  }
  for (const url of ['/one', '/two']) {
    const response = await fastify.inject({ method: 'POST', url, headers: { 'idempotency-key': 'a b' } })
    t.equal(response.statusCode, 401, 'before the key is looked at')
  }
})
