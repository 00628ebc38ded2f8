import { readFileSync } from 'node:fs'
import type { Tracer } from '@opentelemetry/api'
import type { TimedPass } from '../../domain/synchronization.ts'
import type { TracingSettings } from '../configuration/tracing-settings.ts'
import type { UnitSpans } from './unit-spans.ts'
import type { TracingLog } from './watched-exporter.ts'

/** What is loaded where there are traces, and only there. */
export interface SpanMakers {
  readonly passTimed: (pass: TimedPass) => void
  readonly unitSpans: typeof UnitSpans
}

export interface OpenTracing {
  readonly tracer: Tracer
  /** Sends what waits; see OpenSdk. */
  close(timeoutMs: number): Promise<void>
}

/** Loads the SDK of OpenTelemetry and opens it; the first import of it in the process. */
export async function openTracing(
  settings: TracingSettings,
  packagePath: string,
  log: TracingLog
): Promise<OpenTracing> {
  const { version } = JSON.parse(readFileSync(packagePath, 'utf8')) as { version: string }
  const { openSdk } = await import('./sdk.ts')
  return await openSdk(settings, version, log)
}

export async function spanMakers(tracer: Tracer): Promise<SpanMakers> {
  const [{ passSpans }, { UnitSpans: unitSpans }] = await Promise.all([
    import('./pass-spans.ts'),
    import('./unit-spans.ts')
  ])
  return { passTimed: passSpans(tracer), unitSpans }
}

/** Puts what a `.env` file says to the SDK where the SDK reads it; what the process was started with stays. */
export function giveToSdk(
  environment: Readonly<Record<string, string | undefined>>,
  own: NodeJS.ProcessEnv = process.env
): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('OTEL_') && value !== undefined) own[name] ??= value
  }
}
