import type { Span } from '@opentelemetry/api'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

import { checkOptions, type TracingOptions } from './options.ts'

export type { TracingOptions } from './options.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of the request, for what the application has to add to it; not there without a tracer. */
    readonly span?: Span | null
  }
}

async function tracing(fastify: FastifyInstance, options: TracingOptions): Promise<void> {
  checkOptions(options)
  const { tracer } = options
  if (tracer === undefined) return
  // Who wants no spans does not load what makes them either.
  const { addRequestSpans } = await import('./request-spans.ts')
  addRequestSpans(fastify, tracer)
}

/**
 * One OpenTelemetry span for each request, which continues the trace of a caller, and the ids of both in each line of the
 * request's log. Register it first: what an earlier plugin answers has no span.
 */
export default fastifyPlugin(tracing, { name: 'bincard-tracing', fastify: '5.x' })
