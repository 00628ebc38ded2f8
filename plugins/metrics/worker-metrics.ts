import type { Registry } from 'prom-client'
import type { SyncObserver } from '../../domain/synchronization.ts'
import { watchMemory } from './memory-figures.ts'
import { prefix } from './prefix.ts'
import { watchSync, type SyncFigureSources } from './sync-figures.ts'
import { syncInstruments } from './sync-instruments.ts'
import { watchFigure, type Read, type WatchedFigure } from './watched-figures.ts'

export interface WorkerMetrics {
  /** Whom the worker tells what it does. */
  readonly observer: SyncObserver
  /** Shows how far the worker is. */
  readonly watch: (sources: SyncFigureSources) => void
}

type Watch = (figure: WatchedFigure, read: Read) => void

/** The metrics of a process that is a sync worker and nothing else. `onFailure` is told of what could not be read. */
export function workerMetrics(registry: Registry, onFailure: (error: unknown) => void): WorkerMetrics {
  const { observer } = syncInstruments(registry, prefix)
  const watch: Watch = (figure, read) => watchFigure(registry, figure, read, onFailure)
  watchMemory(watch, prefix)
  return { observer, watch: (sources) => watchSync(watch, prefix, sources) }
}
