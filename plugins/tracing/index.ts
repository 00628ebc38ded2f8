import { join } from 'node:path'
import type { Tracer } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { TimedPass } from '../../domain/synchronization.ts'
import type { UnitTrace } from '../../domain/unit-trace.ts'
import { packageFolder } from '../configuration/package-folder.ts'
import type { TracingSettings } from '../configuration/tracing-settings.ts'
import { openTracing, spanMakers, type OpenTracing } from './open-tracing.ts'
import tracing from './plugin.ts'

/** Who is told where the time of units and passes goes. */
export interface Tracing {
  /** For the unit of a request; undefined where its trace is not kept. */
  unitTrace(request: FastifyRequest): UnitTrace | undefined
  readonly passTimed: (pass: TimedPass) => void
}

declare module 'fastify' {
  interface FastifyInstance {
    /** null where there are no traces. */
    readonly tracing: Tracing | null
  }
}

interface ServiceTracingOptions {
  /** Of the application around the service, whose own it stays. */
  readonly given: Tracer | undefined
  readonly settings: TracingSettings | undefined
  readonly closeTimeoutMs: number
}

/** The plugin as this application has it: where the environment says so it sends its spans itself. */
async function serviceTracing(fastify: FastifyInstance, options: ServiceTracingOptions): Promise<void> {
  const { given, settings, closeTimeoutMs } = options
  let own: OpenTracing | undefined
  if (given === undefined && settings !== undefined) own = await open(fastify, settings, closeTimeoutMs)
  const tracer = given ?? own?.tracer
  if (tracer === undefined) {
    fastify.decorate('tracing', null)
    return
  }
  const { passTimed, unitSpans } = await spanMakers(tracer)
  fastify.decorate('tracing', {
    unitTrace: ({ span }) => (span?.isRecording() === true ? new unitSpans(tracer, span) : undefined),
    passTimed
  })
  await tracing(fastify, { tracer })
}

/** It is closed last, as all others that are closed may have spans to send. */
async function open(
  fastify: FastifyInstance,
  settings: TracingSettings,
  closeTimeoutMs: number
): Promise<OpenTracing> {
  const { log } = fastify
  const packagePath = join(packageFolder(import.meta.dirname), 'package.json')
  const opened = await openTracing(settings, packagePath, (severity, message, facts) =>
    log[severity](facts, message)
  )
  fastify.addHook('onClose', () => opened.close(closeTimeoutMs))
  return opened
}

export default fastifyPlugin(serviceTracing, {
  name: 'bincard-tracing',
  fastify: '5.x',
  dependencies: ['bincard-configuration']
})

export function autoConfig({ configuration, serviceOptions }: FastifyInstance): ServiceTracingOptions {
  return {
    given: serviceOptions.tracer,
    settings: configuration.tracing,
    // Connections and sync worker may take eight tenths of the time before.
    closeTimeoutMs: configuration.shutdownTimeoutMs * 0.1
  }
}
