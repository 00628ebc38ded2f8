import { isIP } from 'node:net'
import { envSchema, type JSONSchemaType } from 'env-schema'
import { canonicalIntegerOr } from '../schemas/canonical-integer.ts'
import { ConfigurationError } from './configuration-error.ts'
import { durationMs } from './duration.ts'
import { ledgerLocation, type LedgerLocation } from './ledger-location.ts'
import { Variables } from './variables.ts'

export type Environment = 'development' | 'staging' | 'production' | 'test'
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** What the service runs with; times in milliseconds, sizes in bytes. */
export interface Configuration {
  readonly port: number
  readonly host: string
  readonly environment: Environment
  readonly logLevel: LogLevel
  readonly ledger: LedgerLocation
  /** Undefined for none. */
  readonly openingStock: OpeningStockFile | undefined
  readonly queueSize: number
  readonly idempotencyTtlMs: number
  readonly preconditionFailedStatus: 409 | 412
  /** As Fastify's option of the same name. */
  readonly trustProxy: boolean | string
  readonly bodyLimitBytes: number
  readonly shutdownTimeoutMs: number
}

/** `sample` says that nobody chose the path, so that the package's own file serves where there is none. */
export interface OpeningStockFile {
  readonly path: string
  readonly sample: boolean
}

const defaultIdempotencyTtlMs = 300_000
const longestIdempotencyTtlMs = 31 * 24 * 60 * 60 * 1000

/**
 * The configuration that these environment variables ask for; variables that it does not know are not its business.
 * Throws a ConfigurationError whose message is one line, at the first value that is unknown, out of range or in
 * contradiction to another.
 */
export function loadConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const variables = checkedVariables(environment)
  const configuration: Configuration = {
    port: variables.PORT,
    host: variables.HOST,
    environment: oneEnvironment(variables),
    logLevel: variables.LOG_LEVEL ?? 'info',
    ledger: ledgerLocation(variables.LEDGER_URL, variables.DATA_DIR),
    openingStock: openingStock(variables.DATA_PATH),
    queueSize: variables.INVENTORY_QUEUE_BUFFER_SIZE,
    idempotencyTtlMs: idempotencyTtl(variables),
    preconditionFailedStatus: variables.PRECONDITION_FAILED_STATUS,
    trustProxy: trustProxy(variables.TRUST_PROXY),
    bodyLimitBytes: variables.BODY_LIMIT_BYTES,
    shutdownTimeoutMs: variables.SHUTDOWN_TIMEOUT_MS
  }
  requireLoopback(configuration.host, variables.ALLOW_ANONYMOUS === 'true')
  return Object.freeze(configuration)
}

/** Whether only programs on this machine reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function checkedVariables(environment: Readonly<Record<string, string | undefined>>): Variables {
  const known: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(Variables.properties)) {
    const value = environment[name]
    if (value !== undefined) known[name] = schema.type === 'string' ? value : canonicalIntegerOr(value)
  }
  try {
    return envSchema<Variables>({
      schema: Variables as unknown as JSONSchemaType<Variables>,
      data: known,
      env: false,
      ajv: { customOptions: { coerceTypes: false, allErrors: false, strict: false } } as never
    })
  } catch (error) {
    throw explained(error, environment)
  }
}

function explained(error: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  const [first] = (error as { errors?: readonly { instancePath: string }[] }).errors ?? []
  if (first === undefined) return error
  const name = first.instancePath.slice(1) as keyof typeof Variables.properties
  return notAllowed(name, environment[name])
}

function oneEnvironment({ ENVIRONMENT, NODE_ENV }: Variables): Environment {
  if (ENVIRONMENT !== undefined && NODE_ENV !== undefined && ENVIRONMENT !== NODE_ENV) {
    throw new ConfigurationError(
      'ENVIRONMENT',
      JSON.stringify(ENVIRONMENT),
      `only what NODE_ENV says (${NODE_ENV})`
    )
  }
  return (ENVIRONMENT ?? NODE_ENV ?? 'development') as Environment
}

function openingStock(path: string | undefined): OpeningStockFile | undefined {
  if (path === '') return undefined
  return { path: path ?? 'data/sample-inventory.json', sample: path === undefined }
}

function idempotencyTtl({ IDEMP_TTL_MS, IDEMPOTENCY_CACHE_TTL }: Variables): number {
  if (IDEMPOTENCY_CACHE_TTL === undefined) return IDEMP_TTL_MS ?? defaultIdempotencyTtlMs
  const ttlMs = durationMs(IDEMPOTENCY_CACHE_TTL) ?? 0
  if (ttlMs < 1000 || ttlMs > longestIdempotencyTtlMs) {
    throw notAllowed('IDEMPOTENCY_CACHE_TTL', IDEMPOTENCY_CACHE_TTL)
  }
  if (IDEMP_TTL_MS !== undefined && IDEMP_TTL_MS !== ttlMs) {
    const allowed = `only what IDEMP_TTL_MS says (${IDEMP_TTL_MS} ms)`
    throw new ConfigurationError('IDEMPOTENCY_CACHE_TTL', JSON.stringify(IDEMPOTENCY_CACHE_TTL), allowed)
  }
  return ttlMs
}

function trustProxy(text: string | undefined): boolean | string {
  if (text === undefined || text === 'false') return false
  if (text === 'true') return true
  const addresses = text.split(',').map((address) => address.trim().split('/')[0] ?? '')
  const named = ['loopback', 'linklocal', 'uniquelocal']
  if (addresses.every((address) => isIP(address) !== 0 || named.includes(address))) return text
  throw notAllowed('TRUST_PROXY', text)
}

function notAllowed(name: keyof typeof Variables.properties, found: string | undefined): ConfigurationError {
  const allowed = String(Variables.properties[name]['x-allowed'])
  return new ConfigurationError(name, JSON.stringify(found), allowed)
}

function requireLoopback(host: string, allowAnonymous: boolean): void {
  if (allowAnonymous || isLoopback(host)) return
  throw new ConfigurationError(
    'HOST',
    JSON.stringify(host),
    'a loopback address (127.0.0.1, ::1, localhost), or any with ALLOW_ANONYMOUS=true, as callers need no key'
  )
}
