import { existsSync, readFileSync, realpathSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import closeWithGrace from 'close-with-grace'
import Fastify, { type FastifyInstance } from 'fastify'
import bincard, { type ServiceOptions } from './app.ts'
import { loadConfiguration, type Configuration } from './plugins/configuration/configuration.ts'
import { loggingOptions } from './plugins/configuration/logging.ts'
import { serverOptions } from './plugins/configuration/server-options.ts'
import { requestId } from './plugins/request-id/request-id.ts'

/** The service in a Fastify of its own, ready but not listening. Rejects where the ledger cannot be opened. */
export async function buildServer(
  configuration: Configuration,
  options: Omit<ServiceOptions, 'configuration'> = {},
  logging: ReturnType<typeof loggingOptions> = { logger: false }
): Promise<FastifyInstance> {
  const fastify = Fastify({ ...serverOptions(configuration), genReqId: requestId, ...logging })
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
    const server = await buildServer(configuration, {}, loggingOptions(configuration, process.stdout.isTTY))
    closeAtSignals(server, configuration.shutdownTimeoutMs)
    await listen(server, configuration)
    process.stdout.write(`${startLine(server, configuration)}\n`)
  } catch (error) {
    process.stderr.write(`Bincard did not start: ${oneLine(error)}\n`)
    process.exit(1)
  }
}

/** Listens without a word: Fastify would log every address, where one line is to say it. */
async function listen(server: FastifyInstance, { host, port, logLevel }: Configuration): Promise<void> {
  server.log.level = 'silent'
  await server.listen({ host, port })
  server.log.level = logLevel
}

function closeAtSignals(server: FastifyInstance, delay: number): void {
  closeWithGrace({ delay, logger: server.log }, async ({ err }) => {
    if (err !== undefined) server.log.fatal({ err }, 'ends on an error that nothing caught')
    await server.close()
  })
}

function startLine(server: FastifyInstance, { ledger }: Configuration): string {
  const address = server.server.address() as AddressInfo
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const url = `http://${host}:${address.port}`
  const place = ledger.kind === 'memory' ? 'memory' : ledger.folder
  return `Bincard listens on ${url}, open to callers without a key, documentation at ${url}/documentation, ledger in ${place}`
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
