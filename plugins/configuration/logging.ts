import { LogController, type FastifyServerOptions } from 'fastify'
import type { Configuration } from './configuration.ts'

const quiet = new Set(['warn', 'error', 'fatal', 'silent'])

/**
 * How the server logs: lines of JSON, or readable ones for whoever develops at a terminal. Where requests would not be
 * seen they are not logged at all.
 */
export function loggingOptions(
  { environment, logLevel }: Configuration,
  terminal: boolean
): FastifyServerOptions {
  const pretty = environment === 'development' && terminal
  const readable = { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' } }
  const logger = pretty ? { level: logLevel, transport: readable } : { level: logLevel }
  return { logger, logController: new LogController({ disableRequestLogging: quiet.has(logLevel) }) }
}
