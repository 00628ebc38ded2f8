import type { SyncObserver } from '../../domain/synchronization.ts'
import type { TracingSettings } from '../configuration/tracing-settings.ts'
import { openTracing, spanMakers } from './open-tracing.ts'
import type { TracingLog } from './watched-exporter.ts'

export interface WorkerTracing {
  /** The observer, which is told of the times of passes as well. */
  readonly observer: SyncObserver
  /** Sends what waits, for at most so many milliseconds. */
  close(timeoutMs: number): Promise<void>
}

/**
 * The traces of a process that is a sync worker and nothing else; nothing is loaded where there are no settings.
 * `packagePath` is the package.json that says the version.
 */
export async function workerTracing(
  settings: TracingSettings | undefined,
  packagePath: string,
  observer: SyncObserver,
  log: TracingLog
): Promise<WorkerTracing> {
  if (settings === undefined) return { observer, close: () => Promise.resolve() }
  const opened = await openTracing(settings, packagePath, log)
  const { passTimed } = await spanMakers(opened.tracer)
  return { observer: { ...observer, passTimed }, close: (timeoutMs) => opened.close(timeoutMs) }
}
