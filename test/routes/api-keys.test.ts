import Fastify, { type HTTPMethods, type InjectOptions } from 'fastify'
import t from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import bincard from '../../app.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { registeredRoutes } from './registered-routes.ts'
import { freshKey, recordPath, startService } from './service.ts'

const apiKeys = ['key-of-a-shop', 'key-of-another']
const adminApiKeys = ['key-of-an-administrator']
const [shop = '', other = ''] = apiKeys
const [administrator = ''] = adminApiKeys
const configuration = { apiKeys, adminApiKeys }
const withKey = (key: string) => ({ 'x-api-key': key })

interface Route {
  readonly method: HTTPMethods
  readonly url: string
}

async function allRoutes(): Promise<readonly Route[]> {
  const routes = await registeredRoutes()
  return routes.flatMap(({ method, url }) => [method].flat().map((one) => ({ method: one, url })))
}

/** Whose key the contract asks for, said once more and by the path alone. */
function requirement({ method, url }: Route): 'none' | 'caller' | 'admin' {
  if (/^\/(api\/)?health(\/|$)|^\/(documentation|console)(\/|$)/.test(url)) return 'none'
  if (/^\/v1\/admin\/|^\/api\/sync(\/|$)/.test(url)) return 'admin'
  if (url === '/api/log-level') return 'admin'
  return url === '/api/metrics/reset' && method === 'POST' ? 'admin' : 'caller'
}

t.test('every route there is asks for the key that the contract says', async (t) => {
  const routes = await allRoutes()
  t.ok(routes.length > 40, 'they were found')
  const { rateLimit } = loadConfiguration({})
  const host = Fastify()
  const unlimited = { ...configuration, rateLimit: { ...rateLimit, enabled: false } }
  await host.register(bincard, { ledger: new MemoryLedger(), configuration: unlimited })
  t.teardown(() => host.close())
  for (const route of routes) {
    const url = route.url.replaceAll(/:\w+/g, 'x').replace('*', 'index.css')
    const statusOf = async (headers: Record<string, string>) =>
      (await host.inject({ method: route.method, url, headers } as InjectOptions)).statusCode
    const needed = requirement(route)
    const refusals = [await statusOf({}), await statusOf(withKey('unknown')), await statusOf(withKey(shop))]
    const expected = { none: [0, 0, 0], caller: [401, 401, 0], admin: [401, 401, 403] }[needed]
    const found = refusals.map((status) => (status === 401 || status === 403 ? status : 0))
    t.strictSame(found, expected, `${route.method} ${route.url} for ${needed}`)
  }
})

t.test('with a key, everything goes as it does without keys', async (t) => {
  const service = await startService(t, { configuration })
  const adjust = recordPath('S1', 'K1', 'adjust')
  t.equal((await service.post(adjust, { delta: 5 }, withKey(shop))).statusCode, 200)
  t.match((await service.get(recordPath('S1', 'K1'), withKey(other))).json(), { qty: 5 })
  t.match((await service.get('/stores/S1/inventory/K1', withKey(administrator))).json(), { qty: 5 })
  t.equal((await service.post(adjust, { delta: -9 }, withKey(shop))).statusCode, 422)
  t.equal((await service.get('/health')).statusCode, 200)
  t.equal((await service.get('/nowhere')).statusCode, 404)
})

t.test('without one, nothing is read and nothing changes', async (t) => {
  const service = await startService(t, { configuration })
  const adjust = recordPath('S1', 'K1', 'adjust')
  for (const headers of [{}, withKey('unknown'), withKey(''), withKey(`${shop}, ${shop}`)]) {
    const refused = await service.post(adjust, { delta: 5 }, { ...headers, ...freshKey() })
    t.equal(refused.statusCode, 401)
    t.match(refused.json(), {
      success: false,
      error: { name: 'UnauthorizedError', code: 'UNAUTHORIZED_ERROR', statusCode: 401, message: /X-API-Key/ }
    })
    t.equal(refused.headers['www-authenticate'], 'ApiKey realm="Bincard", header="X-API-Key"')
    t.equal((await service.post(adjust, '{', headers)).statusCode, 401, 'before the body is looked at')
  }
  const problem = await service.get(recordPath('S1', 'K1'), { accept: 'application/problem+json' })
  t.match(problem.json(), { type: 'urn:bincard:error:unauthorized', status: 401 })
  t.equal(service.ledger.health().sequence, 0)
})

t.test('a refusal is not remembered: the same request may come again with a key', async (t) => {
  const service = await startService(t, { configuration })
  const adjust = recordPath('S1', 'K1', 'adjust')
  const key = freshKey()
  t.equal((await service.post(adjust, { delta: 5 }, key)).statusCode, 401)
  t.match((await service.post(adjust, { delta: 5 }, { ...key, ...withKey(shop) })).json(), { newQuantity: 5 })
})

t.test('an idempotency key is its caller’s own', async (t) => {
  const service = await startService(t, { configuration })
  const adjust = recordPath('S1', 'K1', 'adjust')
  const key = freshKey()
  const post = async (delta: number, apiKey: string) => {
    const answered = await service.post(adjust, { delta }, { ...key, ...withKey(apiKey) })
    return { status: answered.statusCode, replayed: answered.headers['idempotency-replayed'] }
  }
  t.strictSame(await post(5, shop), { status: 200, replayed: undefined })
  t.strictSame(await post(5, shop), { status: 200, replayed: 'true' })
  t.strictSame(await post(7, shop), { status: 409, replayed: undefined })
  t.strictSame(await post(7, other), { status: 200, replayed: undefined }, 'another caller, another request')
  t.strictSame(await post(7, administrator), { status: 200, replayed: undefined })
  t.match((await service.get(recordPath('S1', 'K1'), withKey(shop))).json(), { qty: 19, version: 3 })
})

t.test('so are the keys of the lines of a batch', async (t) => {
  const service = await startService(t, { configuration })
  const line = { type: 'adjust', storeId: 'S1', sku: 'K1', delta: 5, idempotencyKey: 'line-1' }
  for (const apiKey of [shop, shop, other]) {
    const answered = await service.post('/api/inventory/movements', { movements: [line] }, withKey(apiKey))
    t.match(answered.json(), { summary: { applied: 1 } })
  }
  t.match((await service.get(recordPath('S1', 'K1'), withKey(shop))).json(), { qty: 10, version: 2 })
})

t.test('what was remembered for callers without a key stays theirs', async (t) => {
  const ledger = new MemoryLedger()
  const open = await startService(t, { ledger })
  const adjust = recordPath('S1', 'K1', 'adjust')
  const key = freshKey()
  t.equal((await open.post(adjust, { delta: 5 }, { ...key, ...withKey('ignored') })).statusCode, 200)
  const reopened = await startService(t, { ledger })
  t.equal((await reopened.post(adjust, { delta: 5 }, key)).headers['idempotency-replayed'], 'true')
  const closed = await startService(t, { ledger, configuration })
  t.match((await closed.post(adjust, { delta: 5 }, { ...key, ...withKey(shop) })).json(), { newQuantity: 10 })
})
