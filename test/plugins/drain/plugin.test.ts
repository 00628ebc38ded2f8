import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import drain, { type DrainOptions } from '../../../plugins/drain/plugin.ts'

const large = 'x'.repeat(16 * 1024 * 1024)

async function listening(t: Test, options: Partial<DrainOptions> = {}): Promise<[FastifyInstance, number]> {
  const fastify = Fastify({ return503OnClosing: false })
  await fastify.register(drain, { lingerMs: 60_000, cutOffMs: 60_000, ...options })
  fastify.get('/', () => 'here')
  fastify.get('/large', () => large)
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => fastify.close())
  return [fastify, (fastify.server.address() as AddressInfo).port]
}

async function ask(port: number, agent: Agent, path = '/'): Promise<IncomingMessage> {
  const [response] = (await once(get({ port, host: '127.0.0.1', agent, path }), 'response')) as [
    IncomingMessage
  ]
  return response
}

t.test(
  'a request on its way to an idle connection is answered, and the connection ends with it',
  async (t) => {
    const [fastify, port] = await listening(t)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.equal(await text(await ask(port, agent)), 'here')
    const closed = fastify.close()
    while (fastify.server.listening) await new Promise((resolve) => setImmediate(resolve))
    const late = await ask(port, agent)
    t.equal(late.headers.connection, 'close')
    t.equal(await text(late), 'here')
    await t.rejects(once(connect(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
    await closed
  }
)

t.test('an answer that is still going out is not cut off', async (t) => {
  const [fastify, port] = await listening(t, { lingerMs: 1 })
  const response = await ask(port, new Agent({ keepAlive: true }), '/large')
  // Far more than the sockets hold: the rest waits in the server, whose answer is complete.
  const closed = fastify.close()
  await once(response, 'readable')
  t.equal((await text(response)).length, large.length)
  await closed
})

t.test('an idle connection is kept only for a while', async (t) => {
  const [fastify, port] = await listening(t, { lingerMs: 20 })
  const idle = connect(port, '127.0.0.1').resume()
  const gone = once(idle, 'close')
  await once(idle, 'connect')
  await text(await ask(port, new Agent({ keepAlive: true })))
  await fastify.close()
  await gone
})

t.test('what never comes to its end is cut off', async (t) => {
  const [fastify, port] = await listening(t, { lingerMs: 10, cutOffMs: 50 })
  const half = connect(port, '127.0.0.1').resume()
  half.on('error', () => undefined)
  const cut = once(half, 'close')
  half.write('GET / HTTP/1.1\r\nHost:')
  await text(await ask(port, new Agent()))
  await fastify.close()
  await cut
})

t.test('a server that does not listen closes at once', async () => {
  const fastify = Fastify()
  await fastify.register(drain, { lingerMs: 60_000, cutOffMs: 60_000 })
  await fastify.ready()
  await fastify.close()
})
