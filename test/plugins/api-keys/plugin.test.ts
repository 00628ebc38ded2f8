import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import apiKeys, { type ApiKeyOptions } from '../../../plugins/api-keys/plugin.ts'

const keys = ['caller-key', 'other-key']
const adminKeys = ['admin-key']

/** An application of a route for each requirement, that answers with whom it takes the request to come from. */
async function application(
  t: Test,
  options: ApiKeyOptions,
  before: (fastify: FastifyInstance) => unknown = () => undefined
): Promise<FastifyInstance> {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await before(fastify)
  await fastify.register(apiKeys, options)
  fastify.get('/unsaid', ({ caller }) => caller)
  fastify.get('/none', { config: { apiKey: 'none' } }, ({ caller }) => caller)
  fastify.get('/caller', { config: { apiKey: 'caller' } }, ({ caller }) => caller)
  fastify.get('/admin', { config: { apiKey: 'admin' } }, ({ caller }) => caller)
  fastify.post('/body', { schema: { body: { type: 'object' } } }, () => 'written')
  return fastify
}

const withKey = (url: string, key: string): InjectOptions => ({ url, headers: { 'x-api-key': key } })

t.test('what each key opens', async (t) => {
  const fastify = await application(t, { keys, adminKeys })
  const statuses: readonly [key: string | undefined, ...(readonly number[])][] = [
    [undefined, 401, 200, 401, 401],
    ['unknown', 401, 200, 401, 401],
    ['', 401, 200, 401, 401],
    ['caller-key', 200, 200, 200, 403],
    ['other-key', 200, 200, 200, 403],
    ['admin-key', 200, 200, 200, 200]
  ]
  for (const [key, ...expected] of statuses) {
    const found: number[] = []
    for (const url of ['/unsaid', '/none', '/caller', '/admin']) {
      const { statusCode } = await fastify.inject(key === undefined ? { url } : withKey(url, key))
      found.push(statusCode)
      const head = { ...(key === undefined ? { url } : withKey(url, key)), method: 'HEAD' as const }
      t.equal((await fastify.inject(head)).statusCode, statusCode, `HEAD ${url} with ${key}`)
    }
    t.strictSame(found, expected, `with ${key}`)
  }
})

t.test('only administrators have keys', async (t) => {
  const fastify = await application(t, { adminKeys })
  t.equal((await fastify.inject('/unsaid')).statusCode, 401)
  t.equal((await fastify.inject(withKey('/unsaid', 'admin-key'))).statusCode, 200)
})

t.test('without keys everything is open to anybody, and a key is not looked at', async (t) => {
  for (const options of [{}, { keys: [], adminKeys: [] }]) {
    const fastify = await application(t, options)
    for (const url of ['/unsaid', '/none', '/caller', '/admin']) {
      for (const request of [{ url }, withKey(url, 'whatever')]) {
        const answered = await fastify.inject(request)
        t.strictSame(answered.json(), { kind: 'anonymous', id: 'anonymous' }, url)
        t.equal(answered.headers['cache-control'], undefined)
      }
    }
  }
})

t.test('whom a request comes from', async (t) => {
  const fastify = await application(t, { keys, adminKeys })
  const callerOf = async (url: string, key: string) =>
    (await fastify.inject(withKey(url, key))).json<{ kind: string; id: string }>()
  const caller = await callerOf('/caller', 'caller-key')
  t.strictSame(caller, { kind: 'caller', id: 'd9f376b9bf894cc2' }, 'the same in every process')
  t.not((await callerOf('/caller', 'other-key')).id, caller.id)
  t.match(await callerOf('/caller', 'admin-key'), { kind: 'admin', id: /^[0-9a-f]{16}$/ })
  t.strictSame(await callerOf('/none', 'caller-key'), { kind: 'anonymous', id: 'anonymous' })
  t.strictSame(await callerOf('/caller', 'caller-key'), caller, 'nothing is left of the requests between')
})

t.test('a refusal says why, how to do better, and no key', async (t) => {
  const fastify = await application(t, { keys, adminKeys })
  const challenge = 'ApiKey realm="Bincard", header="X-API-Key"'
  const refused: readonly [InjectOptions, number, RegExp, string | undefined][] = [
    [{ url: '/caller' }, 401, /^An API key is needed, in the header X-API-Key$/, challenge],
    [
      withKey('/caller', 'unknown'),
      401,
      /^The API key in the header X-API-Key is not known here$/,
      challenge
    ],
    [withKey('/admin', 'caller-key'), 403, /administrator/, undefined]
  ]
  for (const [request, status, message, expected] of refused) {
    const answered = await fastify.inject(request)
    t.match(answered.json(), { statusCode: status, message })
    t.equal(answered.headers['www-authenticate'], expected)
    t.notMatch(answered.body, /caller-key|unknown/)
  }
})

t.test('headers that are no key', async (t) => {
  const fastify = await application(t, { keys, adminKeys })
  const strange = [
    'caller-key, other-key',
    'caller-key, caller-key',
    'caller-key ',
    'CALLER-KEY',
    'caller-ke',
    'x'.repeat(15_000),
    '\u00e9',
    '__proto__',
    'caller-key\0'
  ]
  for (const key of strange) {
    t.equal((await fastify.inject(withKey('/caller', key))).statusCode, 401, JSON.stringify(key).slice(0, 50))
  }
  const several = { url: '/caller', headers: { 'x-api-key': ['caller-key', 'caller-key'] } }
  t.equal((await fastify.inject(several as InjectOptions)).statusCode, 401)
})

t.test('a key is asked for before the body is looked at', async (t) => {
  const fastify = await application(t, { keys })
  const request = {
    method: 'POST',
    url: '/body',
    payload: '{',
    headers: { 'content-type': 'application/json' }
  }
  t.equal((await fastify.inject(request as InjectOptions)).statusCode, 401)
  const known = { ...request, headers: { ...request.headers, 'x-api-key': 'caller-key' } }
  t.equal((await fastify.inject(known as InjectOptions)).statusCode, 400)
})

t.test('what was registered before counts requests with any key', async (t) => {
  let counted = 0
  const fastify = await application(t, { keys }, (around) => {
    around.addHook('onRoute', (route) => {
      route.onRequest = (_request, _reply, done) => {
        counted += 1
        done()
      }
    })
  })
  await fastify.inject(withKey('/caller', 'guess'))
  t.equal(counted, 1)
})

t.test('a shared cache keeps nothing that a key opened', async (t) => {
  const fastify = await application(t, { keys })
  t.equal((await fastify.inject(withKey('/caller', 'caller-key'))).headers['cache-control'], 'private')
  t.equal((await fastify.inject(withKey('/none', 'caller-key'))).headers['cache-control'], undefined)
})

t.test('a plugin can speak for the routes of another', async (t) => {
  const fastify = await application(t, { keys })
  await fastify.register(async (around) => {
    around.addHook('onRoute', (route) => {
      route.config = { ...route.config, apiKey: 'none' }
    })
    await around.register(async (within) => {
      within.get('/within', () => 'open')
    })
  })
  t.equal((await fastify.inject('/within')).statusCode, 200)
})

t.test('a route that does not exist needs no key to be told so', async (t) => {
  const fastify = await application(t, { keys })
  t.equal((await fastify.inject('/nowhere')).statusCode, 404)
  t.equal((await fastify.inject(withKey('/nowhere', 'unknown'))).statusCode, 404)
})

t.test('options and settings that make no sense are refused, and no key is shown', async (t) => {
  const list = 'must be a list of keys of 1 to 256 visible ASCII characters'
  const refused: readonly [object, string][] = [
    [{ keys: 'secret' }, `option keys: ${list}`],
    [{ keys: ['fine', ''] }, `option keys: ${list}`],
    [{ keys: ['a secret'] }, `option keys: ${list}`],
    [{ keys: ['x'.repeat(257)] }, `option keys: ${list}`],
    [{ adminKeys: ['secret\n'] }, `option adminKeys: ${list}`],
    [{ adminKeys: [7] }, `option adminKeys: ${list}`],
    [{ key: ['secret'] }, 'option key: is not known'],
    [{ keys: ['secret'], adminKeys: ['secret'] }, 'option adminKeys: must have no key of keys']
  ]
  for (const [options, message] of refused) {
    const fastify = Fastify()
    const failure = await Promise.resolve(fastify.register(apiKeys, options as ApiKeyOptions)).then(
      () => undefined,
      (error: unknown) => error as Error
    )
    t.match(failure, { name: 'TypeError', message: `bincard-api-keys: ${message}` })
    t.notMatch(failure?.message, /secret/)
  }
  const fastify = Fastify()
  await fastify.register(apiKeys)
  t.throws(() => fastify.get('/odd', { config: { apiKey: 'anybody' as 'none' } }, () => 'never'), {
    message: 'bincard-api-keys: route /odd: config.apiKey must be none, caller, admin'
  })
})
