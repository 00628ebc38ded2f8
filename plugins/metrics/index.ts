import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Registry } from 'prom-client'

import { diskSpace, diskUsage } from '../../adapters/wal/disk-usage.ts'
import { SnapshotPolicy } from '../../adapters/wal/snapshot/snapshot-policy.ts'
import type { LedgerObserver } from '../../domain/ledger.ts'
import type { SyncObserver } from '../../domain/synchronization.ts'
import type { Line, Outcome } from '../../domain/unit.ts'
import { watchDisk } from './disk-figures.ts'
import { watchLedger } from './ledger-figures.ts'
import { metricsTopic, type AskCluster } from './metrics-desk.ts'
import { ledgerInstruments } from './ledger-instruments.ts'
import { watchMemory } from './memory-figures.ts'
import { prefix } from './prefix.ts'
import metrics, { type Metrics } from './plugin.ts'
import { watchResilience } from './resilience-figures.ts'
import { serviceCounters } from './service-counters.ts'
import { StockInstruments } from './stock-instruments.ts'
import { watchSync } from './sync-figures.ts'
import { syncInstruments } from './sync-instruments.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whom the ledger and the sync worker tell what they do. */
    readonly observers: { readonly ledger: LedgerObserver; readonly sync: SyncObserver }
    /** Counts what became of a unit that a caller asked for. */
    countOutcome(lines: readonly Line[], outcome: Outcome): void
  }
}

interface ServiceMetricsOptions {
  readonly registry: Registry | undefined
  readonly cluster: AskCluster | undefined
}

/** What those are thrown with who come when there is too much to do: at the feed, at the ledger, at the sync worker. */
const shedCodes = new Set(['LOAD_SHEDDING_ERROR', 'queue_full', 'crowded'])

/** And those who come while a circuit breaker is open. */
const breakerCodes = new Set(['read_only', 'circuit_open'])

/** The plugin as this application has it: with the counters of the contract and what is seen of ledger and worker. */
async function serviceMetrics(fastify: FastifyInstance, options: ServiceMetricsOptions): Promise<void> {
  const { registry = new Registry(), cluster } = options
  const stock = new StockInstruments(registry, prefix)
  const sync = syncInstruments(registry, prefix)
  const counters = { ...stock.counters, ...sync.counters, ...serviceCounters(registry, prefix) }
  await metrics(fastify, { registry, prefix, counters, cluster })
  const passTimed = fastify.tracing?.passTimed
  fastify.decorate('observers', {
    ledger: ledgerInstruments(registry, prefix),
    sync: passTimed === undefined ? sync.observer : { ...sync.observer, passTimed }
  })
  fastify.decorate('countOutcome', (lines, outcome) => stock.count(lines, outcome))
  fastify.addHook('onError', (_request, _reply, error, done) => {
    const { code = '' } = error as { readonly code?: string }
    if (shedCodes.has(code)) fastify.metrics.count('shed')
    if (breakerCodes.has(code)) fastify.metrics.count('breakerOpen')
    done()
  })

  const watch: Metrics['watch'] = (figure, read) => fastify.metrics.watch(figure, read)
  watchLedger(watch, prefix, { ledger: () => fastify.ledger, followers: () => fastify.feed.waiting })
  watchSync(watch, prefix, { sync: () => fastify.sync, ledger: () => fastify.ledger, now: fastify.clock })
  watchMemory(watch, prefix)
  watchResilience(watch, prefix, () => fastify.resilience)
  watchFolder(fastify, watch)
}

/** Nothing is known of the disk of a ledger that somebody else has opened. */
function watchFolder(fastify: FastifyInstance, watch: Metrics['watch']): void {
  const { configuration, serviceOptions } = fastify
  const { ledger: location, sync } = configuration
  if (serviceOptions.ledger !== undefined || location.kind !== 'folder') return
  const policy = new SnapshotPolicy(sync.snapshotEveryEvents)
  watchDisk(watch, prefix, {
    usage: () => diskUsage(location.folder),
    space: () => diskSpace(location.folder),
    sequence: () => fastify.ledger.health().sequence,
    snapshotDueEvents: () => policy.dueAfterEvents(fastify.ledger.figures().records),
    now: fastify.clock
  })
}

export default fastifyPlugin(serviceMetrics, {
  name: 'bincard-metrics',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-tracing']
})

export function autoConfig({ serviceOptions }: FastifyInstance): ServiceMetricsOptions {
  const { registry, cluster } = serviceOptions
  return { registry, cluster: cluster && ((question) => cluster.ask(metricsTopic, question)) }
}
