import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Breaker } from '../../adapters/resilience/breaker.ts'
import { Bulkhead } from '../../adapters/resilience/bulkhead.ts'
import { guardedSynchronization, isSyncFailure } from '../../adapters/resilience/guarded-synchronization.ts'
import { MemorySyncStore } from '../../adapters/sync/memory-sync-store.ts'
import { seedFromSnapshot } from '../../adapters/sync/snapshot-seed.ts'
import { openStore, type SyncLog } from '../../adapters/sync/sync-worker.ts'
import { openSynchronizer } from '../../adapters/sync/synchronizer.ts'
import { WorkerThreadHost } from '../../adapters/sync/worker-thread-host.ts'
import { SyncError, type Synchronization } from '../../domain/synchronization.ts'
import { steadyClock } from '../rate-limit/steady-clock.ts'
import sync, { type SyncOptions } from './plugin.ts'

/** The plugin as this application has it; it tells its observer of what it does. */
export default fastifyPlugin((fastify: FastifyInstance, options: SyncOptions) => sync(fastify, options), {
  name: 'bincard-sync',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-resilience', 'bincard-ledger', 'bincard-metrics']
})

const callsQueuedMax = 50

export function autoConfig(fastify: FastifyInstance): SyncOptions {
  const { ledger: location } = fastify.configuration
  const isOwnFolder = fastify.serviceOptions.ledger === undefined && location.kind === 'folder'
  const open = (): Promise<Synchronization> =>
    isOwnFolder ? openOnFolder(fastify, location.folder) : openInMemory(fastify)
  return { open: async () => guard(fastify, await open()) }
}

function guard(
  { configuration, clock, resilience }: FastifyInstance,
  inner: Synchronization
): Synchronization {
  const { breakerThreshold, breakerCooldownMs, concurrencySync } = configuration.resilience
  const breaker = new Breaker({
    name: 'sync',
    threshold: breakerThreshold,
    cooldownMs: breakerCooldownMs,
    now: steadyClock(clock),
    isFailure: isSyncFailure
  })
  const turns = new Bulkhead({
    name: 'sync',
    limit: concurrencySync,
    queueMax: callsQueuedMax,
    refusal: (message) => new SyncError('crowded', message)
  })
  resilience.addBreaker(breaker)
  resilience.addBulkhead(turns)
  return guardedSynchronization(inner, breaker, turns)
}

/** A ledger that was given, or that lives in memory, has no folder to share: its worker is in this process, without files. */
function openInMemory(fastify: FastifyInstance): Promise<Synchronization> {
  const { configuration, ledger, clock, log, observers } = fastify
  const { role, sync: settings } = configuration
  return openSynchronizer({
    ...settings,
    observer: observers.sync,
    ledger,
    store: new MemorySyncStore(),
    now: clock,
    worker: role === 'all' ? 'all' : undefined,
    saveEveryEvents: settings.snapshotEveryEvents,
    onFailure: (error) => log.error({ err: error }, 'a pass failed'),
    onDeadLetter: ({ id, reason }) => log.error({ id, reason }, 'put an event aside that cannot be applied')
  })
}

async function openOnFolder(fastify: FastifyInstance, dataFolder: string): Promise<Synchronization> {
  const { configuration, ledger, clock, log, observers } = fastify
  const { role, sync: given, shutdownTimeoutMs } = configuration
  const { eventRetention, ...settings } = given
  const observer = observers.sync
  const { breakerThreshold, breakerCooldownMs } = configuration.resilience
  const breakers = { breakerThreshold, breakerCooldownMs }
  const say: SyncLog = (level, message, facts = {}) => log[level](facts, message)
  const store = await openStore(dataFolder, say)
  if (role === 'all') {
    return new WorkerThreadHost({
      settings: {
        ...settings,
        ...breakers,
        role,
        dataFolder,
        ...(eventRetention !== undefined && { eventRetention })
      },
      store,
      ledger,
      now: clock,
      observer,
      // The connections may take four tenths of the time before, and the ledger has to be closed after it.
      closeTimeoutMs: shutdownTimeoutMs * 0.4,
      log: say
    })
  }
  return await openSynchronizer({
    ...settings,
    ledger,
    store,
    now: clock,
    worker: undefined,
    saveEveryEvents: settings.snapshotEveryEvents,
    observer,
    seed: () => seedFromSnapshot(dataFolder),
    onDeadLetter: ({ id, reason }) => log.error({ id, reason }, 'put an event aside that cannot be applied')
  })
}
