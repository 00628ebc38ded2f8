import type { FastifyServerOptions } from 'fastify'
import type { Configuration } from '../../plugins/configuration/configuration.ts'
import { loggingOptions } from '../../plugins/configuration/logging.ts'

/** How a server logs as it does in earnest, with every line of its log kept. */
export function keptLog(configuration: Configuration): {
  readonly logging: FastifyServerOptions
  readonly lines: readonly string[]
} {
  const lines: string[] = []
  const options = loggingOptions(configuration, false)
  const logger = { ...(options.logger as object), stream: { write: (line: string) => lines.push(line) } }
  return { logging: { ...options, logger }, lines }
}
