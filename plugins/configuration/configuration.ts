import { isIP } from 'node:net'
import { Ajv } from 'ajv'
import { envSchema, type JSONSchemaType } from 'env-schema'
import { apiKeyLists } from './api-key-lists.ts'
import { canonicalIntegerOr } from '../schemas/canonical-integer.ts'
import { ConfigurationError } from './configuration-error.ts'
import { idempotencyCleanupInterval, idempotencyTtl } from './idempotency-times.ts'
import { ledgerLocation, type LedgerLocation } from './ledger-location.ts'
import { lockSettings, type LockSettings } from './lock-settings.ts'
import { corsOrigins, resilienceSettings, type ResilienceSettings } from './resilience.ts'
import { metricsAddress, type MetricsAddress } from './metrics-address.ts'
import { tracingSettings, type TracingSettings } from './tracing-settings.ts'
import { notAllowed, Variables } from './variables.ts'

export type Environment = 'development' | 'staging' | 'production' | 'test'
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** What the service runs with; times in milliseconds, sizes in bytes. */
export interface Configuration {
  readonly port: number
  readonly host: string
  readonly environment: Environment
  readonly logLevel: LogLevel
  readonly ledger: LedgerLocation
  /** Whether the process serves requests, keeps the central model up to date, or does both. */
  readonly role: 'all' | 'api' | 'worker'
  readonly sync: SyncSettings
  /** How many server processes share the port and the ledger; the service as a plugin is always in one. */
  readonly workerCount: number
  /** Undefined for none. */
  readonly openingStock: OpeningStockFile | undefined
  readonly queueSize: number
  readonly idempotencyTtlMs: number
  /** Where nobody writes, answers that are remembered no longer are let go so often. */
  readonly idempotencyCleanupIntervalMs: number
  readonly preconditionFailedStatus: 409 | 412
  readonly locks: LockSettings
  /** With neither list any key the service is open to callers without one. */
  readonly apiKeys: readonly string[]
  readonly adminApiKeys: readonly string[]
  /** The store whose records are the products of the central API. */
  readonly centralStoreId: string
  readonly rateLimit: RateLimits
  readonly metrics: MetricsAddress
  readonly resilience: ResilienceSettings
  /** Undefined for no traces. */
  readonly tracing: TracingSettings | undefined
  /** The origins whose pages may call; `*` for those of everybody. */
  readonly corsOrigins: readonly string[] | '*'
  /** As Fastify's option of the same name. */
  readonly trustProxy: boolean | string
  readonly bodyLimitBytes: number
  readonly shutdownTimeoutMs: number
}

/** How the central model is kept up to date, and what of the ledger is kept. */
export interface SyncSettings {
  readonly intervalMs: number
  readonly snapshotEveryEvents: number
  /** How many of the newest events are kept at least; undefined for all. */
  readonly eventRetention: number | undefined
  readonly retryBaseMs: number
  readonly retryTimes: number
}

/** What callers may ask for; `type` says whom the limit of the central API counts. */
export interface RateLimits {
  readonly enabled: boolean
  readonly type: 'ip' | 'global' | 'both'
  readonly requestsPerSecond: number
  readonly burst: number
  readonly requestsPerMinute: number
  readonly windowMinutes: number
  readonly adminRequestsPerMinute: number
}

/** `sample` says that nobody chose the path, so that the package's own file serves where there is none. */
export interface OpeningStockFile {
  readonly path: string
  readonly sample: boolean
}

/** One for all calls, as it keeps what it has compiled. */
const ajv = new Ajv({
  ...{ removeAdditional: true, useDefaults: true, allowUnionTypes: true, strict: false },
  validateSchema: false
})

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
    role: variables.ROLE ?? 'all',
    sync: syncSettings(variables),
    workerCount: variables.INVENTORY_WORKER_COUNT,
    openingStock: openingStock(variables.DATA_PATH),
    queueSize: variables.INVENTORY_QUEUE_BUFFER_SIZE,
    idempotencyTtlMs: idempotencyTtl(variables),
    idempotencyCleanupIntervalMs: idempotencyCleanupInterval(variables),
    preconditionFailedStatus: variables.PRECONDITION_FAILED_STATUS,
    locks: lockSettings(variables),
    ...apiKeyLists(variables.API_KEYS, variables.ADMIN_API_KEYS),
    centralStoreId: variables.CENTRAL_STORE_ID,
    rateLimit: rateLimits(variables),
    metrics: metricsAddress(variables),
    resilience: resilienceSettings(variables),
    tracing: tracingSettings(variables),
    corsOrigins: corsOrigins(variables.CORS_ORIGIN),
    trustProxy: trustProxy(variables.TRUST_PROXY),
    bodyLimitBytes: variables.BODY_LIMIT_BYTES,
    shutdownTimeoutMs: variables.SHUTDOWN_TIMEOUT_MS
  }
  if (configuration.role === 'worker' && configuration.ledger.kind === 'memory') {
    throw new ConfigurationError('ROLE', '"worker"', 'all or api where LEDGER_URL is memory:')
  }
  if (configuration.workerCount > 1 && configuration.ledger.kind === 'memory') {
    const allowed = '1 where LEDGER_URL is memory:, which only one process can see'
    throw new ConfigurationError('INVENTORY_WORKER_COUNT', `"${configuration.workerCount}"`, allowed)
  }
  const isOpen = configuration.apiKeys.length + configuration.adminApiKeys.length === 0
  if (isOpen) requireLoopback(configuration.host, variables.ALLOW_ANONYMOUS === 'true')
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
    // OpenTelemetry takes an empty variable for one that is not there.
    const isThere = value !== undefined && !(value === '' && name.startsWith('OTEL_'))
    if (isThere) known[name] = typed(schema.type as string | undefined, value)
  }
  try {
    return envSchema<Variables>({
      schema: Variables as unknown as JSONSchemaType<Variables>,
      data: known,
      env: false,
      ajv
    })
  } catch (error) {
    throw explained(error, environment)
  }
}

/** A number only where the variable is one and the text is its plain form; else the text, for the schema to judge. */
function typed(type: string | undefined, text: string): unknown {
  if (type === 'string') return text
  return type === 'number' && /^0\.[0-9]{1,6}$/.test(text) ? Number(text) : canonicalIntegerOr(text)
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

function syncSettings(variables: Variables): SyncSettings {
  const { EVENT_RETENTION, MAX_EVENTS_IN_QUEUE } = variables
  if (EVENT_RETENTION !== undefined && ![undefined, EVENT_RETENTION].includes(MAX_EVENTS_IN_QUEUE)) {
    const allowed = `only what EVENT_RETENTION says (${EVENT_RETENTION})`
    throw new ConfigurationError('MAX_EVENTS_IN_QUEUE', JSON.stringify(MAX_EVENTS_IN_QUEUE), allowed)
  }
  const retention = EVENT_RETENTION ?? MAX_EVENTS_IN_QUEUE ?? 'all'
  return {
    intervalMs: variables.SYNC_INTERVAL_MS,
    snapshotEveryEvents: variables.SNAPSHOT_EVERY_N_EVENTS,
    eventRetention: retention === 'all' ? undefined : Number(retention),
    retryBaseMs: variables.RETRY_BASE_MS,
    retryTimes: variables.RETRY_TIMES
  }
}

function rateLimits(variables: Variables): RateLimits {
  return {
    enabled: variables.RATE_LIMIT_ENABLED !== 'false',
    type: variables.RATE_LIMIT_TYPE ?? 'ip',
    requestsPerSecond: variables.RATE_LIMIT_RPS,
    burst: variables.RATE_LIMIT_BURST,
    requestsPerMinute: variables.RATE_LIMIT_REQUESTS_PER_MINUTE,
    windowMinutes: variables.RATE_LIMIT_WINDOW_MINUTES,
    adminRequestsPerMinute: variables.RATE_LIMIT_ADMIN_REQUESTS_PER_MINUTE
  }
}

function trustProxy(text: string | undefined): boolean | string {
  if (text === undefined || text === 'false') return false
  if (text === 'true') return true
  const addresses = text.split(',').map((address) => address.trim().split('/')[0] ?? '')
  const named = ['loopback', 'linklocal', 'uniquelocal']
  if (addresses.every((address) => isIP(address) !== 0 || named.includes(address))) return text
  throw notAllowed('TRUST_PROXY', text)
}

function requireLoopback(host: string, allowAnonymous: boolean): void {
  if (allowAnonymous || isLoopback(host)) return
  throw new ConfigurationError(
    'HOST',
    JSON.stringify(host),
    'a loopback address (127.0.0.1, ::1, localhost), or any with API_KEYS, ADMIN_API_KEYS or ALLOW_ANONYMOUS=true'
  )
}
