import { LogController, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import type { Configuration } from './configuration.ts'

const quiet = new Set(['warn', 'error', 'fatal', 'silent'])

/**
 * How the server logs: lines of JSON, or readable ones for whoever develops at a terminal. Where requests would not be
 * seen they are not logged at all. No line has a key in it, neither from its header nor from a URL that it does not
 * belong into.
 */
export function loggingOptions(
  { environment, logLevel }: Configuration,
  terminal: boolean
): FastifyServerOptions {
  const pretty = environment === 'development' && terminal
  const readable = { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' } }
  const logger = {
    level: logLevel,
    serializers: { req: requestFacts },
    redact: ['headers["x-api-key"]'],
    ...(pretty && { transport: readable })
  }
  return { logger, logController: new LogController({ disableRequestLogging: quiet.has(logLevel) }) }
}

/** What the log says of a request: as Fastify has it, without the query, where people put keys by mistake. */
function requestFacts({ method, url, host, ip, socket }: FastifyRequest): Record<string, unknown> {
  const [path] = url.split('?', 1)
  return { method, url: path, host, remoteAddress: ip, remotePort: socket.remotePort }
}
