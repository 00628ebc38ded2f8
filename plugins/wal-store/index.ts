import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { GuardedFileSystem, isDiskFailure } from '../../adapters/file-system/guarded-file-system.ts'
import { NodeFileSystem } from '../../adapters/file-system/node-file-system.ts'
import { Breaker } from '../../adapters/resilience/breaker.ts'
import { steadyClock } from '../rate-limit/steady-clock.ts'
import { openWalStore, type WalStoreOptions } from './plugin.ts'

interface WalStoreWiring {
  /** Undefined where the ledger of the service is in no folder, or is somebody else's. */
  readonly store: WalStoreOptions | undefined
}

/** The plugin as this application has it; it tells its observer of what it writes from the first unit on. */
export default fastifyPlugin(
  async (fastify: FastifyInstance, { store }: WalStoreWiring) => {
    // Requests have been checked by their schemas.
    if (store !== undefined) fastify.decorate('walStore', await openWalStore(fastify, store))
  },
  {
    name: 'bincard-wal-store',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-resilience', 'bincard-metrics']
  }
)

const readsQueuedMax = 200

export function autoConfig(fastify: FastifyInstance): WalStoreWiring {
  const { configuration, serviceOptions } = fastify
  const { ledger: location } = configuration
  const isOwnFolder = serviceOptions.ledger === undefined && location.kind === 'folder'
  return { store: isOwnFolder ? inFolder(fastify, location.folder) : undefined }
}

function inFolder(fastify: FastifyInstance, dataFolder: string): WalStoreOptions {
  const { configuration, clock, observers, serviceOptions } = fastify
  const breaker = diskBreaker(fastify)
  return {
    dataFolder,
    breaker,
    fileSystem: guardedDisk(fastify, breaker),
    mustBeLocal: serviceOptions.fileSystem === undefined,
    queueDepthMax: configuration.queueSize,
    now: clock,
    ...(observers.ledger !== undefined && { observer: observers.ledger }),
    ...(serviceOptions.onLedgerLost !== undefined && { onLost: serviceOptions.onLedgerLost })
  }
}

function diskBreaker({ configuration, clock, resilience }: FastifyInstance): Breaker {
  const { breakerThreshold: threshold, breakerCooldownMs: cooldownMs } = configuration.resilience
  const now = steadyClock(clock)
  const breaker = new Breaker({ name: 'fileSystem', threshold, cooldownMs, now, isFailure: isDiskFailure })
  resilience.addBreaker(breaker)
  return breaker
}

/** The disk behind the breaker, with as many reads at once as are allowed. */
function guardedDisk(
  { configuration, metrics, resilience, serviceOptions }: FastifyInstance,
  breaker: Breaker
): GuardedFileSystem {
  const { sync } = configuration
  const fileSystem = new GuardedFileSystem({
    inner: serviceOptions.fileSystem ?? new NodeFileSystem(),
    breaker,
    retryTimes: sync.retryTimes,
    retryBaseMs: sync.retryBaseMs,
    readsMax: configuration.resilience.concurrencyFileSystem,
    readsQueuedMax,
    onRetry: () => metrics.count('fsRetries')
  })
  resilience.addBulkhead(fileSystem.reads)
  return fileSystem
}
