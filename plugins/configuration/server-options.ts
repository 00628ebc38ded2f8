import type { Server } from 'node:http'
import type { FastifyHttpOptions } from 'fastify'
import { answerFrameworkError } from '../errors/framework-errors.ts'
import { answerClientError } from './client-errors.ts'
import type { Configuration } from './configuration.ts'

/** The options of a Fastify that serves nothing but this service. */
export function serverOptions(configuration: Configuration): FastifyHttpOptions<Server> {
  return {
    bodyLimit: configuration.bodyLimitBytes,
    trustProxy: configuration.trustProxy,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // A log may be long: the ledger is ready when it has been read, not after ten seconds.
    pluginTimeout: 0,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    // Without it Node refuses such a request with an empty answer; plugins/validation refuses it in the envelope.
    http: { requireHostHeader: false },
    // Node itself refuses requests that take longer to arrive (slow clients would hold sockets for ever), and drops
    // connections on which nothing happens for two minutes: a minute more than a reader of the feed may wait.
    requestTimeout: 30_000,
    connectionTimeout: 120_000,
    // Longer than the 60 seconds for which common load balancers reuse a connection, so that they close it first.
    keepAliveTimeout: 72_000,
    // What is under way when the server closes is answered; the connection is closed with the answer.
    return503OnClosing: false,
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      // No URL is longer, as Node's limit for headers is 16 KiB: what is too long is for the schemas to say.
      maxParamLength: 16_384
    }
  }
}
