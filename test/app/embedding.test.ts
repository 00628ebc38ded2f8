import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import bincard from '../../app.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { ownFolder } from '../processes/own-folder.ts'

const adjust = '/api/inventory/stores/S1/inventory/K1/adjust'

/** A promise and the function that resolves it. */
function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((given) => {
    resolve = given
  })
  return { promise, resolve }
}

t.test('inside an application that is lax by itself, the service is as strict as alone', async (t) => {
  const host = Fastify({ onProtoPoisoning: 'ignore', ajv: { customOptions: { coerceTypes: true } } })
  host.post(
    '/own',
    { schema: { body: { properties: { n: { type: 'integer' } } } } },
    async ({ body }) => body
  )
  await host.register(bincard, { ledger: new MemoryLedger() })
  t.teardown(() => host.close())

  for (const body of ['{"delta":"5"}', '{"delta":5,"typo":1}', '{"delta":5,"__proto__":{"x":1}}']) {
    const answered = await host.inject({
      method: 'POST',
      url: adjust,
      headers: { 'content-type': 'application/json' },
      payload: body
    })
    t.equal(answered.statusCode, 400, body)
    t.match(answered.json(), { success: false, error: { code: 'VALIDATION_ERROR' } })
    t.ok(answered.headers['x-request-id'])
  }
  const own = await host.inject({ method: 'POST', url: '/own', payload: { n: '5' } })
  t.strictSame(own.json(), { n: 5 }, 'and the application stays as lax as it was')
  t.equal(own.headers['x-request-id'], undefined)
  t.notOk('ledger' in host, 'nothing of the service reaches it')
})

t.test('two services live side by side below prefixes of their own', async (t) => {
  const host = Fastify()
  await host.register(bincard, { prefix: '/one', ledger: new MemoryLedger() })
  await host.register(bincard, { prefix: '/two', ledger: new MemoryLedger() })
  t.teardown(() => host.close())
  await host.inject({ method: 'POST', url: `/one${adjust}`, payload: { delta: 5 } })
  const record = '/api/inventory/stores/S1/inventory/K1'
  t.match((await host.inject(`/one${record}`)).json(), { qty: 5 })
  t.equal((await host.inject(`/two${record}`)).statusCode, 404)
  t.equal((await host.inject('/two/nowhere')).json<{ success: boolean }>().success, false)
})

t.test('keys are asked for inside the service only, by each service its own', async (t) => {
  const host = Fastify()
  host.get('/own', (request) => ({ knowsCallers: 'caller' in request }))
  for (const name of ['one', 'two']) {
    await host.register(bincard, {
      prefix: `/${name}`,
      ledger: new MemoryLedger(),
      configuration: { apiKeys: [`${name}-key`], adminApiKeys: [`${name}-admin-key`] }
    })
  }
  t.teardown(() => host.close())
  t.strictSame((await host.inject('/own')).json(), { knowsCallers: false })
  const statusOf = async (url: string, key?: string) =>
    (await host.inject({ url, headers: key === undefined ? {} : { 'x-api-key': key } })).statusCode
  const list = '/api/inventory/stores/S1/inventory'
  t.equal(await statusOf(`/one${list}`), 401)
  t.equal(await statusOf(`/one${list}`, 'one-key'), 200)
  t.equal(await statusOf(`/one${list}`, 'one-admin-key'), 200)
  t.equal(await statusOf(`/one${list}`, 'two-key'), 401)
  t.equal(await statusOf('/two/health'), 200)
  t.equal(await statusOf('/two/documentation/json'), 200)

  const mistaken = Fastify()
  await t.rejects(Promise.resolve(mistaken.register(bincard, { configuration: { apiKeys: ['a secret'] } })), {
    message: /^bincard-api-keys: option keys: must be a list of keys of 1 to 256 visible ASCII characters$/
  })
})

t.test('a ledger that was given stays open, one that was opened is closed', async (t) => {
  const given = new MemoryLedger()
  const first = Fastify()
  await first.register(bincard, { ledger: given })
  await first.ready()
  t.equal(given.health().sequence, 0, 'and is not filled')
  await first.close()
  t.equal(given.health().status, 'open')

  const folder = ownFolder(t)
  const configuration = { ...loadConfiguration({ DATA_DIR: folder }), openingStock: undefined }
  const second = await buildServer(configuration)
  t.equal((await second.inject({ method: 'POST', url: adjust, payload: { delta: 5 } })).statusCode, 200)
  await second.close()
  const third = await buildServer(configuration)
  t.match((await third.inject('/api/inventory/stores/S1/inventory/K1')).json(), { qty: 5, version: 1 })
  await third.close()
})

t.test('an empty ledger of its own is filled with the opening stock, once', async (t) => {
  const folder = ownFolder(t)
  for (const start of ['first', 'second']) {
    const server = await buildServer(loadConfiguration({ DATA_DIR: folder }))
    const read = await server.inject('/api/inventory/stores/STORE001/inventory/SKU123')
    t.match(read.json(), { qty: 100, version: 1 }, `after the ${start} start`)
    await server.close()
  }
})

t.test('what is under way when the server closes is answered', async (t) => {
  const ledger = new MemoryLedger()
  const entered = signal()
  const released = signal()
  const execute = ledger.execute.bind(ledger)
  ledger.execute = async (unit) => {
    entered.resolve()
    await released.promise
    return execute(unit)
  }
  const server = await buildServer(loadConfiguration({}), { ledger })
  await server.listen({ port: 0 })
  const { port } = server.server.address() as AddressInfo
  const answered = fetch(`http://127.0.0.1:${port}${adjust}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"delta":5}'
  })
  await entered.promise
  const closed = server.close()
  released.resolve()
  t.equal((await answered).status, 200)
  await closed
  await t.rejects(fetch(`http://127.0.0.1:${port}/health`))
})

t.test('dots are ids like others, where a client sends them as they are', async (t) => {
  const server = await buildServer(loadConfiguration({}), { ledger: new MemoryLedger() })
  t.teardown(() => server.close())
  await server.listen({ port: 0 })
  const { port } = server.server.address() as AddressInfo
  const statusOf = (method: string, path: string, body: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end(body)
    })
  for (const id of ['.', '..', '%2e%2e', '..%2F..%2Fetc%2Fpasswd']) {
    const path = `/api/inventory/stores/${id}/inventory/${id}`
    t.equal(await statusOf('POST', `${path}/adjust`, '{"delta":1}'), 200, id)
    t.equal(await statusOf('GET', path, ''), 200, id)
  }
})
