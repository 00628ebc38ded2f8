import { Counter, Histogram, type Registry } from 'prom-client'
import type { SyncObserver } from '../../domain/synchronization.ts'
import type { CounterSource } from './options.ts'

declare module 'fastify' {
  interface MetricCounters {
    /** Passes of the sync worker. */
    readonly syncOperations: number
    readonly snapshots: number
    readonly deadLettered: number
  }
}

export interface SyncInstruments {
  readonly observer: SyncObserver
  readonly counters: Readonly<Record<string, CounterSource>>
}

/** What the sync worker of this process, or of a thread of it, has done. */
export function syncInstruments(registry: Registry, prefix: string): SyncInstruments {
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `${prefix}${name}`, help, registers: [registry] })
  const passes = counter('sync_passes_total', 'Passes of the sync worker')
  const snapshots = counter('snapshots_total', 'Snapshots of the ledger that were written')
  const deadLettered = counter(
    'dead_lettered_total',
    'Events that were put aside because the central model could not take them'
  )
  const snapshotSeconds = new Histogram({
    name: `${prefix}snapshot_duration_seconds`,
    help: 'How long it took to write a snapshot',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
    registers: [registry]
  })
  return {
    observer: {
      passMade: () => passes.inc(),
      deadLettered: () => deadLettered.inc(),
      snapshotWritten: (durationMs) => {
        snapshots.inc()
        snapshotSeconds.observe(durationMs / 1000)
      }
    },
    counters: {
      syncOperations: { counter: passes },
      snapshots: { counter: snapshots },
      deadLettered: { counter: deadLettered }
    }
  }
}
