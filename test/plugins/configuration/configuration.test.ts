import { hostname } from 'node:os'
import t from 'tap'
import { isLoopback, loadConfiguration } from '../../../plugins/configuration/configuration.ts'

t.test('the defaults', async (t) => {
  t.strictSame(loadConfiguration({ PATH: '/bin', COLOR: 'anything' }), {
    port: 3000,
    host: '127.0.0.1',
    environment: 'development',
    logLevel: 'info',
    tracing: undefined,
    ledger: { kind: 'folder', folder: './data' },
    openingStock: { path: 'data/sample-inventory.json', sample: true },
    queueSize: 500,
    idempotencyTtlMs: 300_000,
    idempotencyCleanupIntervalMs: 30_000,
    preconditionFailedStatus: 409,
    locks: {
      enabled: false,
      folder: undefined,
      ownerId: `${hostname()}:${process.pid}`,
      ttlMs: 2000,
      renewMs: 1000,
      rejectStatus: 503,
      retryAfterMs: 300
    },
    apiKeys: [],
    adminApiKeys: [],
    centralStoreId: 'central',
    rateLimit: {
      enabled: true,
      type: 'ip',
      requestsPerSecond: 100,
      burst: 200,
      requestsPerMinute: 100,
      windowMinutes: 1,
      adminRequestsPerMinute: 50
    },
    role: 'all',
    workerCount: 1,
    metrics: { port: 9080, host: '127.0.0.1', isAsked: false },
    sync: {
      intervalMs: 15_000,
      snapshotEveryEvents: 10_000,
      eventRetention: undefined,
      retryBaseMs: 100,
      retryTimes: 3
    },
    resilience: {
      breakerThreshold: 0.5,
      breakerCooldownMs: 10_000,
      concurrencyApi: 16,
      concurrencySync: 4,
      concurrencyFileSystem: 8,
      queuedRequestsMax: 50
    },
    corsOrigins: [],
    trustProxy: false,
    bodyLimitBytes: 1_048_576,
    shutdownTimeoutMs: 10_000
  })
  t.ok(Object.isFrozen(loadConfiguration({})))
})

const { rateLimit, sync } = loadConfiguration({})

t.test('what each variable asks for', async (t) => {
  const accepted: readonly [Record<string, string>, object][] = [
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: '65535' }, { port: 65_535 }],
    [{ HOST: '::1' }, { host: '::1' }],
    [{ HOST: '127.0.0.2' }, { host: '127.0.0.2' }],
    [{ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' }, { host: '0.0.0.0' }],
    [{ ENVIRONMENT: 'production' }, { environment: 'production' }],
    [{ NODE_ENV: 'test' }, { environment: 'test' }],
    [{ NODE_ENV: 'staging', ENVIRONMENT: 'staging' }, { environment: 'staging' }],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
    [{ LEDGER_URL: 'memory:' }, { ledger: { kind: 'memory' } }],
    [{ LEDGER_URL: 'file:./stock' }, { ledger: { kind: 'folder', folder: './stock' } }],
    [{ LEDGER_URL: 'file:///var/stock' }, { ledger: { kind: 'folder', folder: '/var/stock' } }],
    [{ DATA_DIR: 'stock' }, { ledger: { kind: 'folder', folder: 'stock' } }],
    [{ DATA_DIR: 'stock/', LEDGER_URL: 'file:./stock' }, { ledger: { kind: 'folder', folder: './stock' } }],
    [{ DATA_PATH: '' }, { openingStock: undefined }],
    [{ DATA_PATH: 'own.json' }, { openingStock: { path: 'own.json', sample: false } }],
    [{ INVENTORY_WORKER_COUNT: '10' }, { workerCount: 10 }],
    [{ INVENTORY_WORKER_COUNT: '1', LEDGER_URL: 'memory:' }, { workerCount: 1 }],
    // One file of variables may serve for the servers and for a worker process of its own.
    [
      { INVENTORY_WORKER_COUNT: '3', ROLE: 'worker' },
      { workerCount: 3, role: 'worker' }
    ],
    [{ INVENTORY_QUEUE_BUFFER_SIZE: '1' }, { queueSize: 1 }],
    [{ IDEMP_TTL_MS: '1000' }, { idempotencyTtlMs: 1000 }],
    [{ IDEMPOTENCY_CACHE_TTL: '5m' }, { idempotencyTtlMs: 300_000 }],
    [{ IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: '1s' }, { idempotencyCleanupIntervalMs: 1000 }],
    [{ IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: '1d' }, { idempotencyCleanupIntervalMs: 86_400_000 }],
    [{ IDEMPOTENCY_CACHE_TTL: '1500ms' }, { idempotencyTtlMs: 1500 }],
    [{ IDEMPOTENCY_CACHE_TTL: '31d' }, { idempotencyTtlMs: 2_678_400_000 }],
    [{ IDEMPOTENCY_CACHE_TTL: '2h', IDEMP_TTL_MS: '7200000' }, { idempotencyTtlMs: 7_200_000 }],
    [{ PRECONDITION_FAILED_STATUS: '412' }, { preconditionFailedStatus: 412 }],
    [{ CENTRAL_STORE_ID: 'Entrepôt 1/2' }, { centralStoreId: 'Entrepôt 1/2' }],
    [{ RATE_LIMIT_ENABLED: 'false' }, { rateLimit: { ...rateLimit, enabled: false } }],
    [{ RATE_LIMIT_ENABLED: 'true' }, { rateLimit }],
    [{ RATE_LIMIT_TYPE: 'both' }, { rateLimit: { ...rateLimit, type: 'both' } }],
    [{ RATE_LIMIT_RPS: '7' }, { rateLimit: { ...rateLimit, requestsPerSecond: 7 } }],
    [{ RATE_LIMIT_BURST: '7' }, { rateLimit: { ...rateLimit, burst: 7 } }],
    [{ RATE_LIMIT_REQUESTS_PER_MINUTE: '7' }, { rateLimit: { ...rateLimit, requestsPerMinute: 7 } }],
    [{ RATE_LIMIT_WINDOW_MINUTES: '7' }, { rateLimit: { ...rateLimit, windowMinutes: 7 } }],
    [
      { RATE_LIMIT_ADMIN_REQUESTS_PER_MINUTE: '7' },
      { rateLimit: { ...rateLimit, adminRequestsPerMinute: 7 } }
    ],
    [{ ROLE: 'api' }, { role: 'api' }],
    [{ ROLE: 'worker' }, { role: 'worker' }],
    [{ ROLE: 'api', LEDGER_URL: 'memory:' }, { role: 'api' }],
    [{ SYNC_INTERVAL_MS: '100' }, { sync: { ...sync, intervalMs: 100 } }],
    [{ SNAPSHOT_EVERY_N_EVENTS: '7' }, { sync: { ...sync, snapshotEveryEvents: 7 } }],
    [{ EVENT_RETENTION: 'all' }, { sync }],
    [{ EVENT_RETENTION: '7' }, { sync: { ...sync, eventRetention: 7 } }],
    [{ MAX_EVENTS_IN_QUEUE: '7' }, { sync: { ...sync, eventRetention: 7 } }],
    [{ MAX_EVENTS_IN_QUEUE: '7', EVENT_RETENTION: '7' }, { sync: { ...sync, eventRetention: 7 } }],
    [{ RETRY_BASE_MS: '7' }, { sync: { ...sync, retryBaseMs: 7 } }],
    [{ RETRY_TIMES: '0' }, { sync: { ...sync, retryTimes: 0 } }],
    [{ TRUST_PROXY: 'true' }, { trustProxy: true }],
    [{ TRUST_PROXY: 'false' }, { trustProxy: false }],
    [{ TRUST_PROXY: 'loopback, 10.0.0.0/8' }, { trustProxy: 'loopback, 10.0.0.0/8' }],
    [{ BODY_LIMIT_BYTES: '1000' }, { bodyLimitBytes: 1000 }],
    [{ SHUTDOWN_TIMEOUT_MS: '1' }, { shutdownTimeoutMs: 1 }]
  ]
  for (const [environment, wanted] of accepted) {
    t.strictSame(
      { ...loadConfiguration(environment), ...wanted },
      loadConfiguration(environment),
      JSON.stringify(environment)
    )
  }
})

t.test('one line names the variable, what came and what is allowed', async (t) => {
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ PORT: '65536' }, /^PORT is "65536"; allowed is a whole number from 0 to 65535$/],
    [{ PORT: '-1' }, /^PORT is "-1"/],
    [{ PORT: '' }, /^PORT is ""/],
    [{ PORT: '3e3' }, /^PORT is "3e3"/],
    [{ PORT: '0x10' }, /^PORT/],
    [{ PORT: ' 80' }, /^PORT/],
    [{ PORT: '080' }, /^PORT/],
    [{ HOST: 'not a host' }, /^HOST is "not a host"; allowed is an IP address or a host name$/],
    [{ HOST: '0.0.0.0' }, /^HOST is "0.0.0.0"; allowed is a loopback address .*ALLOW_ANONYMOUS=true/],
    [{ HOST: '0.0.0.0' }, /^[^\n]* or any with API_KEYS, ADMIN_API_KEYS or ALLOW_ANONYMOUS=true$/],
    [{ HOST: '::', ALLOW_ANONYMOUS: 'false' }, /^HOST is "::"/],
    [{ HOST: 'example.org' }, /^HOST/],
    [{ HOST: '127.example.org' }, /^HOST/],
    [{ ALLOW_ANONYMOUS: 'yes' }, /^ALLOW_ANONYMOUS is "yes"; allowed is true, false$/],
    [{ ENVIRONMENT: 'prod' }, /^ENVIRONMENT is "prod"; allowed is development, staging, production, test$/],
    [{ NODE_ENV: 'prod' }, /^NODE_ENV/],
    [{ NODE_ENV: 'test', ENVIRONMENT: 'production' }, /^ENVIRONMENT is "production"; .*NODE_ENV/],
    [{ LOG_LEVEL: 'verbose' }, /^LOG_LEVEL is "verbose"; allowed is trace, debug/],
    [{ LEDGER_URL: 'mysql://x' }, /^LEDGER_URL is "mysql:\/\/x"; allowed is file:<folder> or memory:$/],
    [{ LEDGER_URL: 'file:' }, /^LEDGER_URL/],
    [{ LEDGER_URL: 'file://host/x' }, /^LEDGER_URL/],
    [{ LEDGER_URL: '' }, /^LEDGER_URL is ""/],
    [{ LEDGER_URL: 'memory:x' }, /^LEDGER_URL/],
    [{ LEDGER_URL: 'memory:', DATA_DIR: 'stock' }, /^DATA_DIR is "stock"; allowed is no folder/],
    [{ LEDGER_URL: 'file:./a', DATA_DIR: 'b' }, /^DATA_DIR is "b"; .*file:\.\/a/],
    [{ DATA_DIR: '' }, /^DATA_DIR is ""/],
    [
      { INVENTORY_WORKER_COUNT: '0' },
      /^INVENTORY_WORKER_COUNT is "0"; allowed is a whole number from 1 to 10$/
    ],
    [{ INVENTORY_WORKER_COUNT: '11' }, /^INVENTORY_WORKER_COUNT is "11"/],
    [
      { INVENTORY_WORKER_COUNT: '3', LEDGER_URL: 'memory:' },
      /^INVENTORY_WORKER_COUNT is "3"; allowed is 1 where LEDGER_URL is memory:/
    ],
    [{ INVENTORY_QUEUE_BUFFER_SIZE: '0' }, /^INVENTORY_QUEUE_BUFFER_SIZE/],
    [{ IDEMP_TTL_MS: '999' }, /^IDEMP_TTL_MS is "999"; allowed is a whole number from 1000 to 2678400000$/],
    [{ IDEMPOTENCY_CACHE_TTL: '5' }, /^IDEMPOTENCY_CACHE_TTL is "5"; .*"5m"/],
    [{ IDEMPOTENCY_CACHE_TTL: '32d' }, /^IDEMPOTENCY_CACHE_TTL/],
    [{ IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: '30' }, /^IDEMPOTENCY_CACHE_CLEANUP_INTERVAL is "30"; .*"30s"/],
    [{ IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: '999ms' }, /^IDEMPOTENCY_CACHE_CLEANUP_INTERVAL is "999ms"/],
    [{ IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: '25h' }, /^IDEMPOTENCY_CACHE_CLEANUP_INTERVAL is "25h"/],
    [{ IDEMPOTENCY_CACHE_TTL: '1ms' }, /^IDEMPOTENCY_CACHE_TTL/],
    [{ IDEMPOTENCY_CACHE_TTL: '5m', IDEMP_TTL_MS: '1000' }, /^IDEMPOTENCY_CACHE_TTL is "5m"; .*IDEMP_TTL_MS/],
    [{ PRECONDITION_FAILED_STATUS: '428' }, /^PRECONDITION_FAILED_STATUS is "428"; allowed is 409, 412$/],
    [{ CENTRAL_STORE_ID: '' }, /^CENTRAL_STORE_ID is ""; allowed is 1 to 128 characters without control/],
    [{ CENTRAL_STORE_ID: 'x'.repeat(129) }, /^CENTRAL_STORE_ID/],
    [{ CENTRAL_STORE_ID: 'a\nb' }, /^CENTRAL_STORE_ID is "a\\nb"/],
    [{ RATE_LIMIT_ENABLED: 'on' }, /^RATE_LIMIT_ENABLED is "on"; allowed is true, false$/],
    [{ RATE_LIMIT_TYPE: 'IP' }, /^RATE_LIMIT_TYPE is "IP"; allowed is ip, global, both$/],
    [{ RATE_LIMIT_RPS: '0' }, /^RATE_LIMIT_RPS is "0"; allowed is a whole number from 1 to 1000000$/],
    [{ RATE_LIMIT_BURST: '1.5' }, /^RATE_LIMIT_BURST/],
    [{ RATE_LIMIT_REQUESTS_PER_MINUTE: '' }, /^RATE_LIMIT_REQUESTS_PER_MINUTE/],
    [{ RATE_LIMIT_WINDOW_MINUTES: '1441' }, /^RATE_LIMIT_WINDOW_MINUTES/],
    [{ RATE_LIMIT_ADMIN_REQUESTS_PER_MINUTE: '-1' }, /^RATE_LIMIT_ADMIN_REQUESTS_PER_MINUTE/],
    [{ ROLE: 'anything' }, /^ROLE is "anything"; allowed is all, api, worker$/],
    [{ ROLE: 'worker', LEDGER_URL: 'memory:' }, /^ROLE is "worker"; .*LEDGER_URL is memory:$/],
    [{ SYNC_INTERVAL_MS: '99' }, /^SYNC_INTERVAL_MS is "99"; allowed is a whole number from 100 to 3600000$/],
    [{ SNAPSHOT_EVERY_N_EVENTS: '0' }, /^SNAPSHOT_EVERY_N_EVENTS/],
    [{ EVENT_RETENTION: '0' }, /^EVENT_RETENTION is "0"/],
    [{ EVENT_RETENTION: 'none' }, /^EVENT_RETENTION/],
    [{ MAX_EVENTS_IN_QUEUE: '-1' }, /^MAX_EVENTS_IN_QUEUE/],
    [{ MAX_EVENTS_IN_QUEUE: '8', EVENT_RETENTION: '7' }, /^MAX_EVENTS_IN_QUEUE is "8"; .*\(7\)$/],
    [{ RETRY_BASE_MS: '0' }, /^RETRY_BASE_MS/],
    [{ RETRY_TIMES: '21' }, /^RETRY_TIMES/],
    [{ TRUST_PROXY: '1' }, /^TRUST_PROXY is "1"/],
    [{ TRUST_PROXY: 'yes' }, /^TRUST_PROXY/],
    [{ BODY_LIMIT_BYTES: '1MB' }, /^BODY_LIMIT_BYTES/],
    [{ SHUTDOWN_TIMEOUT_MS: '0' }, /^SHUTDOWN_TIMEOUT_MS/]
  ]
  for (const [environment, message] of refused) {
    t.throws(
      () => loadConfiguration(environment),
      { name: 'ConfigurationError', message },
      JSON.stringify(environment)
    )
  }
})

t.test('an address of another ledger is not repeated, as it may hold a password', async (t) => {
  for (const url of ['postgres://u:secret@h/db', 'postgresql://u:secret@h/db']) {
    t.throws(() => loadConfiguration({ LEDGER_URL: url }), {
      message: /^LEDGER_URL is a PostgreSQL address; .*this version has no PostgreSQL ledger$/
    })
  }
})

t.test('which addresses only this machine reaches', async (t) => {
  for (const host of ['127.0.0.1', '127.255.0.9', '::1', 'localhost']) t.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', '128.0.0.1']) {
    t.notOk(isLoopback(host), host)
  }
})
