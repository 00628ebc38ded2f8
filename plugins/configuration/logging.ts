import {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions
} from 'fastify'
import type { Configuration } from './configuration.ts'
import type { LogStream } from './log-stream.ts'

/**
 * How the server logs: lines of JSON, to standard output or the stream, or readable ones for whoever develops at a terminal. Of requests it leaves the
 * lines to `logRequests`. No line has a key in it, neither from its header nor from a URL that it does not belong into.
 */
export function loggingOptions(
  { environment, logLevel }: Configuration,
  terminal: boolean,
  stream?: LogStream
): FastifyServerOptions {
  const pretty = environment === 'development' && terminal
  const readable = { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' } }
  const logger = {
    level: logLevel,
    serializers: { req: requestFacts },
    redact: ['headers["x-api-key"]'],
    ...(pretty ? { transport: readable } : stream !== undefined && { stream })
  }
  return { logger, logController: new LogController({ disableRequestLogging: true }) }
}

/** Logs one line for each request, once it is answered or its client is gone. Its id and its caller are in each line. */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { log } = request
    if (isLogged(log)) {
      const { url: route } = request.routeOptions
      log.info({ res: reply, req: request, route, responseTime: reply.elapsedTime }, 'request completed')
    }
    done()
  })
  fastify.addHook('onRequestAbort', (request, done) => {
    const { log } = request
    if (isLogged(log)) log.info({ req: request, route: request.routeOptions.url }, 'request aborted')
    done()
  })
}

const talkative = new Set(['trace', 'debug', 'info'])

/** To gather the facts of a line costs more than to see that nobody wants it. */
function isLogged({ level }: FastifyBaseLogger): boolean {
  return talkative.has(level)
}

/** What the log says of a request: as Fastify has it, without the query, where people put keys by mistake. */
function requestFacts({ method, url, host, ip, socket }: FastifyRequest): Record<string, unknown> {
  const [path] = url.split('?', 1)
  return { method, url: path, host, remoteAddress: ip, remotePort: socket.remotePort }
}
