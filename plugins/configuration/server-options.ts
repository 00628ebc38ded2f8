import type { Server } from 'node:http'
import type { FastifyHttpOptions } from 'fastify'
import { answerFrameworkError } from '../errors/framework-errors.ts'
import { answerClientError } from './client-errors.ts'
import type { Configuration } from './configuration.ts'

/** How long the server waits for its clients, in milliseconds. */
export interface ServerPatience {
  /** For the headers of a request, from its first byte or from the beginning of the connection. */
  readonly headersMs: number
  /** For a whole request: slow clients would hold sockets for ever. */
  readonly requestMs: number
  /** For anything to happen on a connection: a minute more than a reader of the feed may wait. */
  readonly silenceMs: number
  /** For the next request: longer than the 60 seconds for which common load balancers reuse a connection. */
  readonly nextRequestMs: number
  /** How often it looks for requests that are late. */
  readonly lookMs: number
}

/** The request line and all headers together. */
const headersMaxBytes = 16_384

const usualPatience: ServerPatience = {
  headersMs: 15_000,
  requestMs: 30_000,
  silenceMs: 120_000,
  nextRequestMs: 72_000,
  lookMs: 5000
}

/** The options of a Fastify that serves nothing but this service. */
export function serverOptions(
  configuration: Configuration,
  patience: Partial<ServerPatience> = {}
): FastifyHttpOptions<Server> {
  const { headersMs, requestMs, silenceMs, nextRequestMs, lookMs } = { ...usualPatience, ...patience }
  return {
    bodyLimit: configuration.bodyLimitBytes,
    trustProxy: configuration.trustProxy,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // A log may be long: the ledger is ready when it has been read, not after ten seconds.
    pluginTimeout: 0,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    http: {
      // Else Node refuses such a request with an empty answer; plugins/validation refuses it in the envelope.
      requireHostHeader: false,
      headersTimeout: headersMs,
      connectionsCheckingInterval: lookMs,
      maxHeaderSize: headersMaxBytes
    },
    requestTimeout: requestMs,
    connectionTimeout: silenceMs,
    keepAliveTimeout: nextRequestMs,
    // What is under way when the server closes is answered; the connection is closed with the answer.
    return503OnClosing: false,
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      // No URL is longer than all headers may be: what is too long is for the schemas to say.
      maxParamLength: headersMaxBytes
    }
  }
}
