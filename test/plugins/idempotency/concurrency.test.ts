import { once } from 'node:events'
import { connect } from 'node:net'

import type { FastifyReply } from 'fastify'
import t from 'tap'

import { MemoryIdempotencyStore, type IdempotencyStore } from '../../../plugins/idempotency/plugin.ts'
import { application, config, remembering, signal, ttlMs, until } from './application.ts'

t.test('two at once: the second gets the answer of the first', async (t) => {
  const finish = signal()
  const started = signal()
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, async () => {
      calls += 1
      started.give()
      await finish.given
      return { calls }
    })
  })
  const first = post('/', 'k', { payload: { n: 1 } })
  await started.given
  const others = [post('/', 'k', { payload: { n: 1 } }), post('/', 'k', { payload: { n: 1 } })]
  const conflict = await post('/', 'k', { payload: { n: 2 } })
  t.equal(conflict.statusCode, 409, 'another payload does not wait')
  finish.give()
  t.notOk('idempotency-replayed' in (await first).headers)
  for (const other of await Promise.all(others)) {
    t.equal(other.headers['idempotency-replayed'], 'true')
    t.same(other.json(), { calls: 1 })
  }
  t.equal(calls, 1)
})

t.test('where the first fails, one of those who wait takes over', async (t) => {
  const finish = signal()
  const started = signal()
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, async () => {
      calls += 1
      if (calls > 1) return { calls }
      started.give()
      await finish.given
      throw new Error('out of order')
    })
  })
  const first = post('/', 'k')
  await started.given
  const others = [post('/', 'k'), post('/', 'k')]
  finish.give()
  t.equal((await first).statusCode, 500)
  const answers = await Promise.all(others)
  t.same(
    answers.map((answer) => answer.json()),
    [{ calls: 2 }, { calls: 2 }]
  )
  t.equal(answers.filter((answer) => 'idempotency-replayed' in answer.headers).length, 1)
})

t.test('one that was answered while it waited takes no claim with it', async (t) => {
  const finish = [signal(), signal()] as const
  const memory = new MemoryIdempotencyStore()
  const store: IdempotencyStore = {
    claim(identity) {
      claims += 1
      return memory.claim(identity)
    },
    complete: (identity, answer) => memory.complete(identity, answer),
    release: (identity) => memory.release(identity)
  }
  const replies: FastifyReply[] = []
  let claims = 0
  let calls = 0
  const { post } = await application(t, { ttlMs, store }, (fastify) => {
    fastify.addHook('onRequest', async (_request, reply) => void replies.push(reply))
    fastify.post('/', { config }, async () => {
      const call = calls++
      await finish[call]?.given
      if (call === 0) throw new Error('out of order')
      return { calls }
    })
  })
  for (const [call, status] of [500, 200].entries()) {
    const first = post('/', 'k')
    await until(() => calls === call + 1)
    claims = 0
    const waiting = post('/', 'k')
    await until(() => claims === 1)
    replies.at(-1)?.code(503).send('too late')
    t.equal((await waiting).statusCode, 503, 'as a time limit answers')
    finish[call]?.give()
    t.equal((await first).statusCode, status)
  }
  t.same((await post('/', 'k')).json(), { calls: 2 })
  t.equal(calls, 2)
})

t.test('a client that hangs up does not lose the answer', async (t) => {
  const started = signal()
  const closed = signal()
  let calls = 0
  const { fastify, post } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, async (request) => {
      calls += 1
      if (calls === 1) {
        started.give()
        await once(request.raw.socket, 'close')
        closed.give()
      }
      return { calls }
    })
  })
  const { port } = new URL(await fastify.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Length: 0\r\n\r\n')
  await started.given
  socket.destroy()
  await closed.given
  const again = await post('/', 'k')
  t.same(again.json(), { calls: 1 })
  t.equal(again.headers['idempotency-replayed'], 'true')
})

t.test('an answer past Fastify is not remembered and leaves the key free', async (t) => {
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, (_request, reply) => {
      calls += 1
      reply.hijack()
      reply.raw.end(`call ${calls}`)
    })
  })
  t.equal((await post('/', 'k')).body, 'call 1')
  t.equal((await post('/', 'k')).body, 'call 2')
})
