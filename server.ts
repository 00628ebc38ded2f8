import { existsSync, readFileSync, realpathSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import closeWithGrace from 'close-with-grace'
import Fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { passOnce, rebuildModel, startWorkerProcess } from './adapters/sync/worker-process.ts'
import type { SyncLog, SyncWorkerSettings } from './adapters/sync/sync-worker.ts'
import bincard, { type ServiceOptions } from './app.ts'
import { loadConfiguration, type Configuration } from './plugins/configuration/configuration.ts'
import { loggingOptions, logRequests } from './plugins/configuration/logging.ts'
import { serverOptions } from './plugins/configuration/server-options.ts'
import { openScrapes, type Scrapes } from './plugins/metrics/scrapes.ts'
import { workerMetrics } from './plugins/metrics/worker-metrics.ts'
import { requestId } from './plugins/request-id/request-id.ts'

const unreadMetrics = 'metrics could not be read'

/** The service in a Fastify of its own, ready but not listening. Rejects where the ledger cannot be opened. */
export async function buildServer(
  configuration: Configuration,
  options: Omit<ServiceOptions, 'configuration'> = {},
  logging: ReturnType<typeof loggingOptions> = { logger: false }
): Promise<FastifyInstance> {
  const fastify = Fastify({ ...serverOptions(configuration), genReqId: requestId, ...logging })
  // Node would answer an expectation that it does not know with an empty 417; ignoring it is as good (RFC 9110, 10.1.1).
  fastify.server.on('checkExpectation', (request, response) => fastify.routing(request, response))
  logRequests(fastify)
  await fastify.register(bincard, { ...options, configuration })
  await fastify.ready()
  return fastify
}

/**
 * Runs the service as the environment says until SIGINT or SIGTERM: then what is under way is answered, the ledger is
 * closed and the process ends, at once at a second signal. A start that fails is one line on standard error and exit
 * code 1.
 */
export async function serve(
  environment: NodeJS.ProcessEnv = withEnvironmentFile(process.env)
): Promise<void> {
  try {
    const configuration = loadConfiguration(environment)
    if (configuration.role === 'worker') return await startWorker(configuration)
    const registry = new Registry()
    const logging = loggingOptions(configuration, process.stdout.isTTY)
    const server = await buildServer(configuration, { registry }, logging)
    const scrapes = await openScrapes(configuration, registry, (err) =>
      server.log.error({ err }, unreadMetrics)
    )
    closeAtSignals(server, scrapes, configuration.shutdownTimeoutMs)
    await listen(server, configuration)
    process.stdout.write(`${startLine(server, configuration, scrapes)}\n`)
  } catch (error) {
    process.stderr.write(`Bincard did not start: ${oneLine(error)}\n`)
    process.exit(1)
  }
}

/** What is asked of a worker on the command line. */
export interface WorkerRequest {
  /** `work`: until it is ended; `once`: one pass; `rebuild`: the central model anew. */
  readonly kind: 'work' | 'once' | 'rebuild'
  /** Goes before SYNC_INTERVAL_MS. */
  readonly intervalMs?: number
}

/**
 * Runs the sync worker, as the environment says where its ledger is, until SIGINT or SIGTERM, or for what is asked of it.
 * A start that fails is one line on standard error and exit code 1.
 */
export async function work(
  request: WorkerRequest,
  environment: NodeJS.ProcessEnv = withEnvironmentFile(process.env)
): Promise<void> {
  try {
    const { intervalMs } = request
    const interval = intervalMs === undefined ? {} : { SYNC_INTERVAL_MS: String(intervalMs) }
    const configuration = loadConfiguration({ ...environment, ...interval, ROLE: 'worker' })
    if (request.kind === 'work') return await startWorker(configuration, intervalMs !== undefined)
    const job = request.kind === 'once' ? passOnce : rebuildModel
    const line = await job(workerSettings(configuration), workerLog(configuration))
    process.stdout.write(`${line}\n`)
  } catch (error) {
    process.stderr.write(`Bincard did not start: ${oneLine(error)}\n`)
    process.exit(1)
  }
}

async function startWorker(configuration: Configuration, isIntervalAsked = false): Promise<void> {
  const log = workerLog(configuration)
  const registry = new Registry()
  const onFailure = (err: unknown): void => log('error', unreadMetrics, { err })
  const { observer, watch } = workerMetrics(registry, onFailure)
  const settings = { ...workerSettings(configuration), isIntervalAsked }
  const worker = await startWorkerProcess(settings, log, observer)
  watch({ sync: () => worker.synchronizer, ledger: () => worker.ledger, now: Date.now })
  const scrapes = await openScrapes(configuration, registry, onFailure)
  closeWithGrace({ delay: configuration.shutdownTimeoutMs, logger: false }, async ({ err }) => {
    if (err !== undefined) log('error', 'ends on an error that nothing caught', { err })
    await worker.close()
    await scrapes.close()
  })
  process.stdout.write(`${worker.line}, ${scrapes.place}\n`)
}

function workerSettings({ ledger, sync }: Configuration): SyncWorkerSettings {
  const { eventRetention, ...settings } = sync
  if (ledger.kind === 'memory') throw new TypeError('a worker has a folder')
  const retention = eventRetention === undefined ? undefined : { eventRetention }
  return { ...settings, ...retention, dataFolder: ledger.folder, role: 'worker' }
}

function workerLog(configuration: Configuration): SyncLog {
  const logger = pino({ level: configuration.logLevel })
  return (severity, message, facts = {}) => logger[severity](facts, message)
}

/** Listens without a word: Fastify would log every address, where one line is to say it. */
async function listen(server: FastifyInstance, { host, port, logLevel }: Configuration): Promise<void> {
  server.log.level = 'silent'
  await server.listen({ host, port })
  server.log.level = logLevel
}

function closeAtSignals(server: FastifyInstance, scrapes: Scrapes, delay: number): void {
  closeWithGrace({ delay, logger: server.log }, async ({ err }) => {
    if (err !== undefined) server.log.fatal({ err }, 'ends on an error that nothing caught')
    await server.close()
    await scrapes.close()
  })
}

function startLine(server: FastifyInstance, configuration: Configuration, scrapes: Scrapes): string {
  const { ledger } = configuration
  const address = server.server.address() as AddressInfo
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const url = `http://${host}:${address.port}`
  const place = ledger.kind === 'memory' ? 'memory' : ledger.folder
  const documentation = `documentation at ${url}/documentation`
  return `Bincard listens on ${url}, ${admission(configuration)}, ${documentation}, ${scrapes.place}, ledger in ${place}`
}

/** Who is let in: what an operator must not be wrong about. */
function admission({ apiKeys, adminApiKeys }: Configuration): string {
  if (adminApiKeys.length > 0) return 'open to callers with a key'
  if (apiKeys.length > 0) return 'open to callers with a key but, without ADMIN_API_KEYS, to no administrator'
  return 'open to callers without a key'
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s*\n\s*/g, ' ')
}

/** The variables of a `.env` file, in development only, below those of the process. */
function withEnvironmentFile(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const name = environment['ENVIRONMENT'] ?? environment['NODE_ENV'] ?? 'development'
  if (name !== 'development' || !existsSync('.env')) return environment
  return { ...parseEnv(readFileSync('.env', 'utf8')), ...environment }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href)
  await serve()
