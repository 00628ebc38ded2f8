import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

export type LogLevelName = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface LogLevelControl {
  /** The least severe lines that are logged. */
  readonly current: LogLevelName
  /** Holds at once, for requests under way too; without a log nothing changes. */
  change(level: LogLevelName): void
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly logLevel: LogLevelControl
  }
}

/** Lets the level of the application's log be changed while it runs. */
async function logLevel(fastify: FastifyInstance): Promise<void> {
  const { log } = fastify
  // The logger of an application that logs nothing has no level, and is that of all such applications.
  const hasLevel = typeof log.level === 'string'
  fastify.decorate('logLevel', {
    get current() {
      return hasLevel ? (log.level as LogLevelName) : 'silent'
    },
    change: (level) => {
      if (hasLevel) log.level = level
    }
  })
}

export default fp(logLevel, { name: 'bincard-log-level', fastify: '5.x' })
