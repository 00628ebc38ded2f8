import { LogController, type FastifyBaseLogger, type FastifyServerOptions } from 'fastify'

export type Severity = 'info' | 'warn' | 'error' | 'fatal'

/** A server's log that goes to a listener, but for what it would say of each request. */
export function listeningLog(listener: (severity: Severity, message: string) => void): FastifyServerOptions {
  const tell =
    (severity: Severity) =>
    (facts: unknown, message?: string): void =>
      listener(severity, message ?? String(facts))
  const nothing = (): void => undefined
  const log: FastifyBaseLogger = {
    // At this level requests are not logged, and the service's own lines come all the same.
    level: 'warn',
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
    fatal: tell('fatal'),
    debug: nothing,
    trace: nothing,
    silent: nothing,
    child: () => log
  }
  return { loggerInstance: log, logController: new LogController({ disableRequestLogging: true }) }
}
