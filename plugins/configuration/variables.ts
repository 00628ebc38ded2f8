import { Type, type Static } from '@sinclair/typebox'
import { identifierPattern } from '../schemas/values.ts'
import { ConfigurationError } from './configuration-error.ts'

const day = 24 * 60 * 60 * 1000

/** One environment variable; `allowed` is what the operator is told when another value came. */
function integer(minimum: number, maximum: number, defaultValue: number, meaning: string) {
  const allowed = `a whole number from ${minimum} to ${maximum}`
  return Type.Integer({ minimum, maximum, default: defaultValue, description: meaning, 'x-allowed': allowed })
}

function choice<const Values extends string[]>(values: [...Values], meaning: string) {
  return Type.Union(
    values.map((value) => Type.Literal(value)),
    { description: meaning, 'x-allowed': values.join(', ') }
  )
}

const flag = (meaning: string) => choice(['true', 'false'], meaning)
const text = (meaning: string, allowed: string) =>
  Type.String({ minLength: 1, description: meaning, 'x-allowed': allowed })

const count = (meaning: string) =>
  Type.String({
    pattern: '^(all|[1-9][0-9]{0,14})$',
    description: meaning,
    'x-allowed': 'all, or a whole number from 1'
  })

const keysAllowed = 'keys of 1 to 256 visible ASCII characters with commas between them, none in both lists'

const hostPattern = '^[A-Za-z0-9._:%-]{1,255}$'
const hostAllowed = 'an IP address or a host name'

const endpointAllowed = 'a URL that begins with http:// or https://'
const traceProtocols = ['http/protobuf', 'http/json']

const environments = ['development', 'staging', 'production', 'test']

/** Every environment variable that the service reads, with its default, its range and its meaning. */
export const Variables = Type.Object({
  PORT: integer(0, 65_535, 3000, 'port of the API; 0 lets the system choose'),
  HOST: Type.String({
    pattern: hostPattern,
    default: '127.0.0.1',
    description: 'address on which the API listens',
    'x-allowed': hostAllowed
  }),
  ENVIRONMENT: Type.Optional(choice(environments, 'what the service runs for')),
  NODE_ENV: Type.Optional(choice(environments, 'the same as ENVIRONMENT')),
  LOG_LEVEL: Type.Optional(
    choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'least severe line logged')
  ),
  LEDGER_URL: Type.Optional(text('where the ledger is', 'file:<folder> or memory:')),
  DATA_DIR: Type.Optional(text('folder of the ledger where LEDGER_URL is not given', 'a folder')),
  DATA_PATH: Type.Optional(
    Type.String({
      description: 'opening stock, loaded once into an empty ledger',
      'x-allowed': 'a file or ""'
    })
  ),
  ROLE: Type.Optional(
    choice(['all', 'api', 'worker'], 'what the process does: serve requests, keep the central model, or both')
  ),
  SYNC_INTERVAL_MS: integer(100, 3_600_000, 15_000, 'longest time between two passes of the sync worker'),
  SNAPSHOT_EVERY_N_EVENTS: integer(
    1,
    1_000_000_000,
    10_000,
    'events after which the state is saved again, at the earliest'
  ),
  EVENT_RETENTION: Type.Optional(count('how many of the newest events the feed keeps at least')),
  MAX_EVENTS_IN_QUEUE: Type.Optional(count('the same as EVENT_RETENTION')),
  RETRY_BASE_MS: integer(
    1,
    60_000,
    100,
    'time until something that failed is tried again, doubled each time'
  ),
  RETRY_TIMES: integer(0, 20, 3, 'how often something that failed is tried again'),
  INVENTORY_WORKER_COUNT: integer(1, 10, 1, 'server processes on the port, all writing to the one ledger'),
  BREAKER_THRESHOLD: Type.Number({
    minimum: 0.01,
    maximum: 0.99,
    default: 0.5,
    description: 'share of failing calls past which a circuit breaker opens',
    'x-allowed': 'a decimal from 0.01 to 0.99'
  }),
  BREAKER_COOLDOWN_MS: integer(1, 3_600_000, 10_000, 'time until an open circuit breaker lets one call try'),
  CONCURRENCY_API: integer(1, 100_000, 16, 'requests that are worked on at once'),
  CONCURRENCY_SYNC: integer(1, 1000, 4, 'calls of the sync worker at once; 50 more may wait'),
  CONCURRENCY_FS: integer(1, 1000, 8, 'reads of the log from the disk at once; 200 more may wait'),
  LOAD_SHED_QUEUE_MAX: integer(0, 1_000_000, 50, 'requests that wait beside those; past it, 503'),
  INVENTORY_QUEUE_BUFFER_SIZE: integer(1, 1_000_000, 500, 'writes that may wait at once; past it, 503'),
  IDEMP_TTL_MS: Type.Optional(
    Type.Integer({
      minimum: 1000,
      maximum: 31 * day,
      description: 'how long an answer is remembered under its key, in milliseconds',
      'x-allowed': `a whole number from 1000 to ${31 * day}`
    })
  ),
  IDEMPOTENCY_CACHE_TTL: Type.Optional(
    Type.String({
      pattern: '^[1-9][0-9]{0,9}(ms|s|m|h|d)$',
      description: 'the same as IDEMP_TTL_MS, with a unit',
      'x-allowed': 'a whole number with its unit, ms, s, m, h or d, such as "5m", from 1s to 31d'
    })
  ),
  IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: Type.Optional(
    Type.String({
      pattern: '^[1-9][0-9]{0,9}(ms|s|m|h|d)$',
      description: 'longest time until answers that are remembered no longer are let go',
      'x-allowed': 'a whole number with its unit, ms, s, m, h or d, such as "30s", from 1s to 1d'
    })
  ),
  LOCKS_ENABLED: Type.Optional(flag('whether a write takes the lease of its SKUs first')),
  LOCK_DIR: Type.Optional(text('folder of the leases', 'a folder')),
  LOCK_OWNER_ID: Type.Optional(
    Type.String({
      pattern: '^[ -~]{1,256}$',
      description: 'who stands in the file of a lease, for people',
      'x-allowed': '1 to 256 visible ASCII characters'
    })
  ),
  LOCK_TTL_MS: integer(2000, 3_600_000, 2000, 'life of a lease that is not renewed'),
  LOCK_RENEW_MS: integer(1000, 1_800_000, 1000, 'time after which a lease is renewed'),
  LOCK_REJECT_STATUS: Type.Union([Type.Literal(429), Type.Literal(503)], {
    default: 503,
    description: 'status for who comes while another holds the lease',
    'x-allowed': '429, 503'
  }),
  LOCK_RETRY_AFTER_MS: integer(1, 3_600_000, 300, 'time after which that one may try again'),
  PRECONDITION_FAILED_STATUS: Type.Union([Type.Literal(409), Type.Literal(412)], {
    default: 409,
    description: 'status of a refused precondition',
    'x-allowed': '409, 412'
  }),
  API_KEYS: Type.Optional(text('keys of callers, for all but administration', keysAllowed)),
  ADMIN_API_KEYS: Type.Optional(text('keys of administrators, which open everything', keysAllowed)),
  ALLOW_ANONYMOUS: Type.Optional(flag('whether callers need no key on addresses other than loopback')),
  CENTRAL_STORE_ID: Type.String({
    pattern: identifierPattern,
    default: 'central',
    description: 'store whose records are the products of the central API',
    'x-allowed': '1 to 128 characters without control characters'
  }),
  RATE_LIMIT_ENABLED: Type.Optional(flag('whether callers are limited in their requests')),
  RATE_LIMIT_TYPE: Type.Optional(
    choice(['ip', 'global', 'both'], 'whom the limit of the central API counts: each address, all, or both')
  ),
  RATE_LIMIT_RPS: integer(1, 1_000_000, 100, 'requests a second of one address to the store API'),
  RATE_LIMIT_BURST: integer(1, 1_000_000, 200, 'requests at once of one address to the store API'),
  RATE_LIMIT_REQUESTS_PER_MINUTE: integer(1, 1_000_000, 100, 'requests a minute to the central API'),
  RATE_LIMIT_WINDOW_MINUTES: integer(1, 1440, 1, 'minutes over which requests to the central API count'),
  RATE_LIMIT_ADMIN_REQUESTS_PER_MINUTE: integer(1, 1_000_000, 50, 'requests a minute to administration'),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'port on which Prometheus is answered; 0 lets the system choose',
      'x-allowed': 'a whole number from 0 to 65535'
    })
  ),
  METRICS_HOST: Type.Optional(
    Type.String({
      pattern: hostPattern,
      description: 'address on which Prometheus is answered',
      'x-allowed': hostAllowed
    })
  ),
  TRUST_PROXY: Type.Optional(
    text(
      'whose X-Forwarded headers are believed',
      'true, false, or addresses and networks with commas between them'
    )
  ),
  CORS_ORIGIN: Type.Optional(
    text(
      'origins whose pages may call from a browser',
      '*, or origins such as https://shop.example with commas between them'
    )
  ),
  OTEL_SDK_DISABLED: Type.Optional(
    Type.String({
      pattern: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$',
      description: 'turns traces off, whatever else is said of them',
      'x-allowed': 'true, false'
    })
  ),
  OTEL_TRACES_EXPORTER: Type.Optional(choice(['otlp', 'console', 'none'], 'where traces go')),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(text('collector that traces are sent to', endpointAllowed)),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Type.Optional(
    text('the same with its whole path, for traces', endpointAllowed)
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Optional(choice(traceProtocols, 'how traces are sent')),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Type.Optional(choice(traceProtocols, 'the same, for traces')),
  BODY_LIMIT_BYTES: integer(1, 1024 ** 3, 1_048_576, 'largest request body, in bytes'),
  SHUTDOWN_TIMEOUT_MS: integer(1, 600_000, 10_000, 'time to finish requests after SIGTERM or SIGINT')
})

export type Variables = Static<typeof Variables>

/** What the operator is told of a value that does not fit. */
export function notAllowed(
  name: keyof typeof Variables.properties,
  found: string | undefined
): ConfigurationError {
  const allowed = String(Variables.properties[name]['x-allowed'])
  return new ConfigurationError(name, JSON.stringify(found), allowed)
}
