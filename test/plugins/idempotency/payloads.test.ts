import { Readable } from 'node:stream'

import t from 'tap'

import { config, remembering } from './application.ts'

t.test('a body that is empty, a text, bytes or a stream', async (t) => {
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.addHook('onRequest', async () => void (calls += 1))
    fastify.post('/empty', { config }, (_request, reply) => reply.code(204).send())
    fastify.post('/text', { config }, () => `text ${calls}`)
    fastify.post('/bytes', { config }, () => Buffer.from([0, 255, calls]))
    fastify.post('/stream', { config }, (_request, reply) =>
      reply.type('text/csv').send(Readable.from(['a,', `${calls}`]))
    )
    fastify.post('/web-stream', { config }, (_request, reply) =>
      reply.type('text/csv').send(new Blob([`b,${calls}`]).stream())
    )
    fastify.post('/response', { config }, () => {
      const headers = { 'content-type': 'text/x-own', etag: `"${calls}"` }
      return new Response(`c,${calls}`, { status: 202, headers })
    })
  })
  for (const url of ['/empty', '/text', '/bytes', '/stream', '/web-stream', '/response']) {
    const first = await post(url, url)
    const again = await post(url, url)
    t.equal(again.headers['idempotency-replayed'], 'true', url)
    t.equal(again.statusCode, first.statusCode)
    t.same(again.rawPayload, first.rawPayload)
    t.equal(again.headers['content-type'], first.headers['content-type'])
    t.equal(again.headers.etag, first.headers.etag)
    t.equal(first.rawPayload.length > 0, url !== '/empty')
  }
})

t.test('a stream that breaks leaves the key free', async (t) => {
  let calls = 0
  const { post } = await remembering(t, (fastify) => {
    fastify.post('/', { config }, (_request, reply) => {
      calls += 1
      return reply.send(calls === 1 ? broken() : Readable.from(['whole']))
    })
  })
  t.equal((await post('/', 'k')).statusCode, 500)
  t.equal((await post('/', 'k')).body, 'whole')
})

t.test('the payload is remembered as it is before hooks make it another', async (t) => {
  const { post } = await remembering(t, (fastify) => {
    const onSend = async (_request: unknown, _reply: unknown, payload: unknown) => `<${String(payload)}>`
    fastify.post('/', { config, onSend }, () => 'text')
  })
  t.equal((await post('/', 'k')).body, '<text>')
  t.equal((await post('/', 'k')).body, '<text>', 'not twice')
})

function broken(): Readable {
  return new Readable({
    read() {
      this.destroy(new Error('the disk is gone'))
    }
  })
}
