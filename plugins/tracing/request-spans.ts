import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Attributes,
  type Span,
  type Tracer
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME
} from '@opentelemetry/semantic-conventions'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { beginningTime, spanTime } from './span-clock.ts'

/** A logger that can be told more to put into each of its lines, as pino's can. */
interface BoundLogger extends FastifyBaseLogger {
  setBindings(bindings: object): void
}

/** Those that the conventions know; a name that a caller made up must not become one of a span. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

const propagator = new W3CTraceContextPropagator()

/** Gives every request below the instance its span, by the semantic conventions of OpenTelemetry for HTTP servers. */
export function addRequestSpans(fastify: FastifyInstance, tracer: Tracer): void {
  fastify.decorateRequest('span', null)
  fastify.addHook('onRequest', (request, _reply, done) => {
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter)
    const { url: route } = request.routeOptions
    const method = knownMethods.has(request.method) ? request.method : 'HTTP'
    const span = tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      { kind: SpanKind.SERVER, startTime: beginningTime(), attributes: requestFacts(request, route) },
      parent
    )
    ;(request as { span: Span }).span = span
    nameInLog(request, span)
    done()
  })
  fastify.addHook('onResponse', ({ span }, { statusCode }, done) => {
    if (span) endAnswered(span, statusCode)
    done()
  })
  // Nobody gets an answer then, so that there is no status to be told.
  fastify.addHook('onRequestAbort', ({ span }, done) => {
    span?.setAttribute(ATTR_ERROR_TYPE, 'aborted').end(spanTime(performance.now()))
    done()
  })
}

/** What a caller did wrong is no error of the server. */
function endAnswered(span: Span, status: number): void {
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
  if (status >= 500) {
    span.setAttribute(ATTR_ERROR_TYPE, String(status)).setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end(spanTime(performance.now()))
}

/** No header but the host is told, and no query: people put keys there by mistake. */
function requestFacts(request: FastifyRequest, route: string | undefined): Attributes {
  const { method, url, protocol, hostname, ip, raw } = request
  const [path] = url.split('?', 1)
  const isKnown = knownMethods.has(method)
  return {
    [ATTR_HTTP_REQUEST_METHOD]: isKnown ? method : '_OTHER',
    [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: isKnown ? undefined : method,
    [ATTR_HTTP_ROUTE]: route,
    [ATTR_URL_PATH]: path,
    [ATTR_URL_SCHEME]: protocol,
    [ATTR_SERVER_ADDRESS]: hostname,
    [ATTR_CLIENT_ADDRESS]: ip,
    [ATTR_NETWORK_PROTOCOL_VERSION]: raw.httpVersion
  }
}

/** The request's own logger is changed, as another child of it would cost more; that of all requests is left alone. */
function nameInLog({ log, server }: FastifyRequest, span: Span): void {
  if (log === server.log || !('setBindings' in log)) return
  const { traceId, spanId } = span.spanContext()
  ;(log as BoundLogger).setBindings({ trace_id: traceId, span_id: spanId })
}
