import { realpathSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { closeInTheEnd } from './adapters/cluster/ending.ts'
import { ClusterMember } from './adapters/cluster/member.ts'
import { startPrimary } from './adapters/cluster/primary.ts'
import { passOnce, rebuildModel, startWorkerProcess } from './adapters/sync/worker-process.ts'
import type { SyncLog } from './adapters/sync/sync-worker.ts'
import bincard, { type ServiceOptions } from './app.ts'
import { loadConfiguration, type Configuration } from './plugins/configuration/configuration.ts'
import { withEnvironmentFile } from './plugins/configuration/environment-file.ts'
import { logStream } from './plugins/configuration/log-stream.ts'
import { loggingOptions, logRequests } from './plugins/configuration/logging.ts'
import { packageFolder } from './plugins/configuration/package-folder.ts'
import { serverOptions, type ServerPatience } from './plugins/configuration/server-options.ts'
import { workerSettings } from './plugins/configuration/worker-settings.ts'
import { MetricsDesk, metricsTopic } from './plugins/metrics/metrics-desk.ts'
import { measureProcess } from './plugins/metrics/scrape-server.ts'
import { openScrapes } from './plugins/metrics/scrapes.ts'
import { workerMetrics } from './plugins/metrics/worker-metrics.ts'
import { giveToSdk } from './plugins/tracing/open-tracing.ts'
import { workerTracing } from './plugins/tracing/worker-tracing.ts'
import { failedStartLine, oneLine, startLine } from './plugins/configuration/start-line.ts'
import { LimitDesk, limitsTopic } from './plugins/rate-limit/limit-desk.ts'
import { limitersOf } from './plugins/rate-limit/limiters.ts'
import { requestId } from './plugins/request-id/request-id.ts'

const unreadMetrics = 'metrics could not be read'

export interface ServerSettings extends Omit<ServiceOptions, 'configuration'> {
  /** What differs from the usual. */
  readonly patience?: Partial<ServerPatience>
}

/** The service in a Fastify of its own, ready but not listening. Rejects where the ledger cannot be opened. */
export async function buildServer(
  configuration: Configuration,
  { patience, ...options }: ServerSettings = {},
  logging: ReturnType<typeof loggingOptions> = { logger: false }
): Promise<FastifyInstance> {
  const fastify = Fastify({ ...serverOptions(configuration, patience), genReqId: requestId, ...logging })
  // Node would answer an expectation that it does not know with an empty 417; ignoring it is as good (RFC 9110, 10.1.1).
  fastify.server.on('checkExpectation', (request, response) => fastify.routing(request, response))
  logRequests(fastify)
  await fastify.register(bincard, { ...options, configuration })
  await fastify.ready()
  return fastify
}

/**
 * Runs the service as the environment says until SIGINT or SIGTERM: then what is under way is answered, the ledger is
 * closed and the process ends with code 0, or at once with code 1 at a second signal. With INVENTORY_WORKER_COUNT it
 * starts so many server processes and keeps them running. A start that fails is one line on standard error and exit code 1.
 */
export async function serve(
  environment: NodeJS.ProcessEnv = withEnvironmentFile(process.env)
): Promise<void> {
  const member = ClusterMember.ofProcess(process.env)
  try {
    const configuration = loadConfiguration(environment)
    giveToSdk(environment)
    if (configuration.role === 'worker') await startWorker(configuration, { member })
    else if (member === undefined && configuration.workerCount > 1)
      await startCluster(configuration, environment)
    else await startServer(configuration, member)
  } catch (error) {
    if (member === undefined) process.stderr.write(failedStartLine(error))
    else await member.fail(oneLine(error))
    process.exit(1)
  }
}

async function startServer(configuration: Configuration, member?: ClusterMember): Promise<void> {
  let end: (reason: string) => void = () => undefined
  const options = {
    onLedgerLost: (reason: Error) => end(reason.message),
    ...(member !== undefined && { cluster: member })
  }
  const registry = new Registry()
  const logging = loggingOptions(configuration, process.stdout.isTTY, logStream())
  const server = await buildServer(configuration, { ...options, registry }, logging)
  const onFailure = (err: unknown): void => server.log.error({ err }, unreadMetrics)
  // The primary tells of all processes at one port.
  const scrapes = member === undefined ? await openScrapes(configuration, registry, onFailure) : undefined
  if (member !== undefined) giveFigures(member, registry)
  const close = async (): Promise<void> => {
    await server.close()
    await scrapes?.close()
  }
  end = closeInTheEnd(close, {
    shutdownTimeoutMs: configuration.shutdownTimeoutMs,
    logger: server.log,
    member
  })
  await listen(server, configuration)
  const address = server.server.address() as AddressInfo
  if (scrapes !== undefined) process.stdout.write(startLine(address, configuration, scrapes.place))
  else member?.ready()
}

/** Says what this process counts whenever the primary adds up what all do. */
function giveFigures(member: ClusterMember, registry: Registry): void {
  measureProcess(registry)
  member.onGather(() => registry.getMetricsAsJSON())
}

/** Limits and sums are kept here for all servers; everything else they share is in the folder of the ledger. */
async function startCluster(configuration: Configuration, environment: NodeJS.ProcessEnv): Promise<void> {
  const { host, port, workerCount, role, rateLimit, logLevel, shutdownTimeoutMs } = configuration
  const logger = pino({ level: logLevel })
  const desk = new LimitDesk(limitersOf(rateLimit), Date.now)
  const metrics = new MetricsDesk(() => primary.gather())
  let end: (reason: string) => void = () => undefined
  const primary = await startPrimary({
    program: import.meta.filename,
    host,
    port,
    serverCount: workerCount,
    hasSync: role === 'all',
    environment,
    topics: {
      [limitsTopic]: (question) => desk.answer(question),
      [metricsTopic]: (question) => metrics.answer(question)
    },
    log: (severity, message, facts) => logger[severity](facts, message),
    onLost: (reason) => end(reason)
  })
  const ofAllProcesses = {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    metrics: async () => (await metrics.aggregated()).metrics()
  }
  const scrapes = await openScrapes(configuration, ofAllProcesses, (err) =>
    logger.error({ err }, unreadMetrics)
  )
  const close = async (): Promise<void> => {
    await scrapes.close()
    if (await primary.end(shutdownTimeoutMs * 0.6)) return
    throw new Error('a server process did not end in time and was killed')
  }
  end = closeInTheEnd(close, {
    shutdownTimeoutMs: configuration.shutdownTimeoutMs,
    logger,
    onExit: () => primary.kill()
  })
  process.stdout.write(startLine(primary.address, configuration, scrapes.place))
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
    giveToSdk(environment)
    if (request.kind === 'work')
      return await startWorker(configuration, { isIntervalAsked: intervalMs !== undefined })
    const job = request.kind === 'once' ? passOnce : rebuildModel
    const line = await job(workerSettings(configuration), workerLog(configuration))
    process.stdout.write(`${line}\n`)
  } catch (error) {
    process.stderr.write(failedStartLine(error))
    process.exit(1)
  }
}

async function startWorker(
  configuration: Configuration,
  { isIntervalAsked = false, member }: { isIntervalAsked?: boolean; member?: ClusterMember | undefined }
): Promise<void> {
  const log = workerLog(configuration)
  const registry = new Registry()
  const onFailure = (err: unknown): void => log('error', unreadMetrics, { err })
  const { observer, watch } = workerMetrics(registry, onFailure)
  const packagePath = join(packageFolder(import.meta.dirname), 'package.json')
  const tracing = await workerTracing(configuration.tracing, packagePath, observer, log)
  let end: (reason: string) => void = () => undefined
  const settings = { ...workerSettings(configuration), isIntervalAsked }
  const onLost = (reason: Error): void => end(reason.message)
  const worker = await startWorkerProcess(settings, log, { observer: tracing.observer, onLost })
  watch({ sync: () => worker.synchronizer, ledger: () => worker.ledger, now: Date.now })
  const scrapes = member === undefined ? await openScrapes(configuration, registry, onFailure) : undefined
  if (member !== undefined) giveFigures(member, registry)
  const close = async (): Promise<void> => {
    await worker.close()
    await tracing.close(configuration.shutdownTimeoutMs * 0.1)
    await scrapes?.close()
  }
  end = closeInTheEnd(close, {
    shutdownTimeoutMs: configuration.shutdownTimeoutMs,
    logger: pino({ level: configuration.logLevel }),
    member
  })
  if (member === undefined) process.stdout.write(`${worker.line}, ${scrapes?.place}\n`)
  else member.ready()
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

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href)
  await serve()
