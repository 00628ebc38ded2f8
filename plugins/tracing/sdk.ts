import { randomUUID } from 'node:crypto'
import type { Tracer } from '@opentelemetry/api'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes
} from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type SpanExporter
} from '@opentelemetry/sdk-trace-base'
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import type { TracingSettings } from '../configuration/tracing-settings.ts'
import { WatchedExporter, type TracingLog } from './watched-exporter.ts'

/** The SDK of OpenTelemetry at work. */
export interface OpenSdk {
  readonly tracer: Tracer
  /** Sends the spans that wait, for at most `timeoutMs`, and not at all where the last ones could not be sent. */
  close(timeoutMs: number): Promise<void>
}

/**
 * The SDK with one exporter, and nothing of it global: other parts of the process may have theirs. Sampling, batches, limits
 * and resource are read by the SDK from the variables of this process, by its own rules.
 */
export async function openSdk(
  settings: TracingSettings,
  serviceVersion: string,
  log: TracingLog
): Promise<OpenSdk> {
  const exporter = new WatchedExporter(await openExporter(settings), log)
  const own = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: 'bincard',
    [ATTR_SERVICE_VERSION]: serviceVersion,
    'service.instance.id': randomUUID(),
    'process.pid': process.pid
  })
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)]
  })
  return {
    tracer: provider.getTracer('bincard', serviceVersion),
    close: async (timeoutMs) => {
      const closed = provider.shutdown().catch(() => undefined)
      if (!exporter.isFailing) await orAfter(timeoutMs, closed)
    }
  }
}

/** Only the one that is used is loaded. */
async function openExporter(settings: TracingSettings): Promise<SpanExporter> {
  if (settings.exporter === 'console') return new ConsoleSpanExporter()
  const { protocol, url } = settings
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto')
  return new OTLPTraceExporter({ url })
}

async function orAfter(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timeout: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timeout = setTimeout(resolve, timeoutMs)))
  await Promise.race([work, late])
  clearTimeout(timeout)
}
