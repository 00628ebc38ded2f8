import { Type, type Static } from '@sinclair/typebox'

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

const environments = ['development', 'staging', 'production', 'test']

/** Every environment variable that the service reads, with its default, its range and its meaning. */
export const Variables = Type.Object({
  PORT: integer(0, 65_535, 3000, 'port of the API; 0 lets the system choose'),
  HOST: Type.String({
    pattern: '^[A-Za-z0-9._:%-]{1,255}$',
    default: '127.0.0.1',
    description: 'address on which the API listens',
    'x-allowed': 'an IP address or a host name'
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
  PRECONDITION_FAILED_STATUS: Type.Union([Type.Literal(409), Type.Literal(412)], {
    default: 409,
    description: 'status of a refused precondition',
    'x-allowed': '409, 412'
  }),
  ALLOW_ANONYMOUS: Type.Optional(flag('whether callers need no key on addresses other than loopback')),
  TRUST_PROXY: Type.Optional(
    text(
      'whose X-Forwarded headers are believed',
      'true, false, or addresses and networks with commas between them'
    )
  ),
  BODY_LIMIT_BYTES: integer(1, 1024 ** 3, 1_048_576, 'largest request body, in bytes'),
  SHUTDOWN_TIMEOUT_MS: integer(1, 600_000, 10_000, 'time to finish requests after SIGTERM or SIGINT')
})

export type Variables = Static<typeof Variables>
