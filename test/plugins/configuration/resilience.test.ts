import t from 'tap'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'

const { resilience } = loadConfiguration({})

t.test('what each variable asks for', async (t) => {
  const accepted: readonly [Record<string, string>, object][] = [
    [{ BREAKER_THRESHOLD: '0.25' }, { resilience: { ...resilience, breakerThreshold: 0.25 } }],
    [{ BREAKER_COOLDOWN_MS: '1' }, { resilience: { ...resilience, breakerCooldownMs: 1 } }],
    [{ CONCURRENCY_API: '1' }, { resilience: { ...resilience, concurrencyApi: 1 } }],
    [{ CONCURRENCY_SYNC: '2' }, { resilience: { ...resilience, concurrencySync: 2 } }],
    [{ CONCURRENCY_FS: '3' }, { resilience: { ...resilience, concurrencyFileSystem: 3 } }],
    [{ LOAD_SHED_QUEUE_MAX: '0' }, { resilience: { ...resilience, queuedRequestsMax: 0 } }],
    [{ CORS_ORIGIN: '*' }, { corsOrigins: '*' }],
    [
      { CORS_ORIGIN: 'https://a.example, http://localhost:5173' },
      { corsOrigins: ['https://a.example', 'http://localhost:5173'] }
    ]
  ]
  for (const [environment, wanted] of accepted) {
    const loaded = loadConfiguration(environment)
    t.strictSame({ ...loaded, ...wanted }, loaded, JSON.stringify(environment))
  }
})

t.test('one line names the variable, what came and what is allowed', async (t) => {
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ BREAKER_THRESHOLD: '0' }, /^BREAKER_THRESHOLD is "0"; allowed is a decimal from 0.01 to 0.99$/],
    [{ BREAKER_THRESHOLD: '1' }, /^BREAKER_THRESHOLD/],
    [{ BREAKER_THRESHOLD: '.5' }, /^BREAKER_THRESHOLD is ".5"/],
    [{ BREAKER_THRESHOLD: '50%' }, /^BREAKER_THRESHOLD/],
    [{ BREAKER_COOLDOWN_MS: '0' }, /^BREAKER_COOLDOWN_MS is "0"/],
    [{ CONCURRENCY_API: '0' }, /^CONCURRENCY_API/],
    [{ CONCURRENCY_SYNC: '1.5' }, /^CONCURRENCY_SYNC/],
    [{ CONCURRENCY_FS: '-1' }, /^CONCURRENCY_FS/],
    [{ LOAD_SHED_QUEUE_MAX: '-1' }, /^LOAD_SHED_QUEUE_MAX/],
    [{ CORS_ORIGIN: '' }, /^CORS_ORIGIN is ""/],
    [{ CORS_ORIGIN: 'shop.example' }, /^CORS_ORIGIN is "shop.example"; allowed is \*, or origins/],
    [{ CORS_ORIGIN: 'https://shop.example/' }, /^CORS_ORIGIN/],
    [{ CORS_ORIGIN: 'https://shop.example,*' }, /^CORS_ORIGIN/]
  ]
  for (const [environment, message] of refused) {
    const expected = { name: 'ConfigurationError', message }
    t.throws(() => loadConfiguration(environment), expected, JSON.stringify(environment))
  }
})
