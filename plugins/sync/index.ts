import type { FastifyInstance } from 'fastify'
import { MemorySyncStore } from '../../adapters/sync/memory-sync-store.ts'
import { seedFromSnapshot } from '../../adapters/sync/snapshot-seed.ts'
import { openStore, type SyncLog } from '../../adapters/sync/sync-worker.ts'
import { openSynchronizer } from '../../adapters/sync/synchronizer.ts'
import { WorkerThreadHost } from '../../adapters/sync/worker-thread-host.ts'
import type { Synchronization } from '../../domain/synchronization.ts'
import type { SyncOptions } from './plugin.ts'

export { default } from './plugin.ts'

export function autoConfig(fastify: FastifyInstance): SyncOptions {
  const { ledger: location } = fastify.configuration
  const isOwnFolder = fastify.serviceOptions.ledger === undefined && location.kind === 'folder'
  return { open: () => (isOwnFolder ? openOnFolder(fastify, location.folder) : openInMemory(fastify)) }
}

/** A ledger that was given, or that lives in memory, has no folder to share: its worker is in this process, without files. */
function openInMemory(fastify: FastifyInstance): Promise<Synchronization> {
  const { configuration, ledger, clock, log } = fastify
  const { role, sync } = configuration
  return openSynchronizer({
    ...sync,
    ledger,
    store: new MemorySyncStore(),
    now: clock,
    worker: role === 'all' ? 'all' : undefined,
    saveEveryEvents: sync.snapshotEveryEvents,
    onFailure: (error) => log.error({ err: error }, 'a pass failed'),
    onDeadLetter: ({ id, reason }) => log.error({ id, reason }, 'put an event aside that cannot be applied')
  })
}

async function openOnFolder(fastify: FastifyInstance, dataFolder: string): Promise<Synchronization> {
  const { configuration, ledger, clock, log } = fastify
  const { role, sync, shutdownTimeoutMs } = configuration
  const { eventRetention, ...settings } = sync
  const say: SyncLog = (level, message, facts = {}) => log[level](facts, message)
  const store = await openStore(dataFolder, say)
  if (role === 'all') {
    return new WorkerThreadHost({
      settings: { ...settings, role, dataFolder, ...(eventRetention !== undefined && { eventRetention }) },
      store,
      ledger,
      now: clock,
      closeTimeoutMs: shutdownTimeoutMs / 2,
      log: say
    })
  }
  return await openSynchronizer({
    ...settings,
    ledger,
    store,
    now: clock,
    worker: undefined,
    saveEveryEvents: sync.snapshotEveryEvents,
    seed: () => seedFromSnapshot(dataFolder),
    onDeadLetter: ({ id, reason }) => log.error({ id, reason }, 'put an event aside that cannot be applied')
  })
}
