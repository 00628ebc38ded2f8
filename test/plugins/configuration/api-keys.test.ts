import t from 'tap'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'

const long = 'k'.repeat(256)
const symbols = '!"#$%&\'()*+-./:;<=>?@[\\]^_`{|}~'

t.test('the keys of each list', async (t) => {
  const accepted: readonly [Record<string, string>, object][] = [
    [{}, { apiKeys: [], adminApiKeys: [] }],
    [{ API_KEYS: 'one' }, { apiKeys: ['one'], adminApiKeys: [] }],
    [{ ADMIN_API_KEYS: 'one' }, { apiKeys: [], adminApiKeys: ['one'] }],
    [{ API_KEYS: 'one,two , three' }, { apiKeys: ['one', 'two', 'three'] }],
    [{ API_KEYS: 'one,One,one' }, { apiKeys: ['one', 'One'] }],
    [{ API_KEYS: `${long},${symbols}` }, { apiKeys: [long, symbols] }],
    [
      { API_KEYS: 'a', ADMIN_API_KEYS: 'b', ALLOW_ANONYMOUS: 'true' },
      { apiKeys: ['a'], adminApiKeys: ['b'] }
    ]
  ]
  for (const [environment, wanted] of accepted) {
    t.match(loadConfiguration(environment), wanted, JSON.stringify(environment))
  }
})

t.test('what is no list of keys is refused, and no key is shown', async (t) => {
  const allowed =
    'allowed is keys of 1 to 256 visible ASCII characters with commas between them, none in both lists'
  const none = (number: number, of: number) => `a list whose key number ${number} of ${of} is none`
  const refused: readonly [Record<string, string>, string, string][] = [
    [{ API_KEYS: '' }, 'API_KEYS', '""'],
    [{ API_KEYS: ' ' }, 'API_KEYS', none(1, 1)],
    [{ API_KEYS: 'secret,' }, 'API_KEYS', none(2, 2)],
    [{ API_KEYS: 'secret-a,,secret-b' }, 'API_KEYS', none(2, 3)],
    [{ API_KEYS: 'secret of two' }, 'API_KEYS', none(1, 1)],
    [{ API_KEYS: 'secret-é' }, 'API_KEYS', none(1, 1)],
    [{ API_KEYS: 'secret\u007f' }, 'API_KEYS', none(1, 1)],
    [{ API_KEYS: `secret${long}` }, 'API_KEYS', none(1, 1)],
    [{ ADMIN_API_KEYS: '' }, 'ADMIN_API_KEYS', '""'],
    [{ ADMIN_API_KEYS: 'secret-a,secret b' }, 'ADMIN_API_KEYS', none(2, 2)],
    [
      { API_KEYS: 'other,secret', ADMIN_API_KEYS: 'secret' },
      'ADMIN_API_KEYS',
      'a list with a key that API_KEYS has too'
    ]
  ]
  for (const [environment, variable, found] of refused) {
    const message = `${variable} is ${found}; ${allowed}`
    t.throws(() => loadConfiguration(environment), { name: 'ConfigurationError', message })
  }
})

t.test('a mistake elsewhere shows no key either', async (t) => {
  const keys = { API_KEYS: 'secret-a', ADMIN_API_KEYS: 'secret-b' }
  for (const mistake of [
    { PORT: 'x' },
    { HOST: 'not a host' },
    { RATE_LIMIT_RPS: '0' },
    { LEDGER_URL: 'x' }
  ]) {
    try {
      loadConfiguration({ ...keys, ...mistake })
      t.fail(`${JSON.stringify(mistake)} is accepted`)
    } catch (error) {
      t.notMatch(`${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`, /secret/)
    }
  }
})

t.test('keys open addresses other than loopback, nothing else does but ALLOW_ANONYMOUS', async (t) => {
  const host = { HOST: '0.0.0.0' }
  t.match(loadConfiguration({ ...host, API_KEYS: 'a' }), { host: '0.0.0.0' })
  t.match(loadConfiguration({ ...host, ADMIN_API_KEYS: 'a' }), { host: '0.0.0.0' })
  t.match(loadConfiguration({ ...host, ALLOW_ANONYMOUS: 'true' }), { host: '0.0.0.0', apiKeys: [] })
  t.throws(
    () => loadConfiguration({ ...host, API_KEYS: '' }),
    { message: /^API_KEYS/ },
    'not by an empty list'
  )
})
