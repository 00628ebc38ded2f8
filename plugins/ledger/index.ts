import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { GuardedFileSystem, isDiskFailure } from '../../adapters/file-system/guarded-file-system.ts'
import { NodeFileSystem } from '../../adapters/file-system/node-file-system.ts'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { Breaker } from '../../adapters/resilience/breaker.ts'
import { Bulkhead } from '../../adapters/resilience/bulkhead.ts'
import { guardedLedger, isLedgerFailure } from '../../adapters/resilience/guarded-ledger.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import { RecoveringLedger } from '../../adapters/wal/recovering-ledger.ts'
import { LedgerError, type Ledger } from '../../domain/ledger.ts'
import type { OpeningStockFile } from '../configuration/configuration.ts'
import { packageFolder } from '../configuration/package-folder.ts'
import { steadyClock } from '../rate-limit/steady-clock.ts'
import ledger, { type LedgerOptions } from './plugin.ts'

/** The plugin as this application has it; it tells its observer of what it writes from the first unit on. */
export default fastifyPlugin((fastify: FastifyInstance, options: LedgerOptions) => ledger(fastify, options), {
  name: 'bincard-ledger',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-resilience', 'bincard-metrics']
})

const readsQueuedMax = 200
const requestsQueuedMax = 100

export function autoConfig(fastify: FastifyInstance): LedgerOptions {
  const { configuration, clock, serviceOptions } = fastify
  const breaker = newBreaker(fastify, 'ledger', isLedgerFailure)
  return {
    given: serviceOptions.ledger,
    open: () => openLedger(fastify, breaker),
    guard: (inner) => guard(fastify, inner, breaker),
    openingStockPath: configuration.openingStock && pathOf(configuration.openingStock),
    now: clock
  }
}

function newBreaker(
  { configuration, clock }: FastifyInstance,
  name: string,
  isFailure: (error: Error) => boolean
): Breaker {
  const { breakerThreshold: threshold, breakerCooldownMs: cooldownMs } = configuration.resilience
  return new Breaker({ name, threshold, cooldownMs, now: steadyClock(clock), isFailure })
}

/** Every ledger is behind a breaker: without it the service answers reads only, and says that it is not ready. */
function guard({ configuration, resilience }: FastifyInstance, inner: Ledger, breaker: Breaker): Ledger {
  const turns = new Bulkhead({
    name: 'api',
    limit: configuration.resilience.concurrencyApi,
    queueMax: requestsQueuedMax,
    refusal: (message) => new LedgerError('queue_full', message)
  })
  resilience.addBreaker(breaker, true)
  resilience.addBulkhead(turns)
  return guardedLedger({ inner, breaker, turns })
}

async function openLedger(fastify: FastifyInstance, breaker: Breaker): Promise<Ledger> {
  const { ledger: location } = fastify.configuration
  const observer = fastify.observers.ledger
  switch (location.kind) {
    case 'memory':
      return new MemoryLedger({ observer })
    case 'folder':
      return await openInFolder(fastify, location.folder, breaker)
    default:
      return location satisfies never
  }
}

async function openInFolder(
  fastify: FastifyInstance,
  dataFolder: string,
  ledgerBreaker: Breaker
): Promise<Ledger> {
  const { configuration, clock, log, metrics, observers, resilience, serviceOptions } = fastify
  const { sync, queueSize } = configuration
  const breaker = newBreaker(fastify, 'fileSystem', isDiskFailure)
  const fileSystem = new GuardedFileSystem({
    inner: serviceOptions.fileSystem ?? new NodeFileSystem(),
    breaker,
    retryTimes: sync.retryTimes,
    retryBaseMs: sync.retryBaseMs,
    readsMax: configuration.resilience.concurrencyFileSystem,
    readsQueuedMax,
    onRetry: () => metrics.count('fsRetries')
  })
  const ledger = await RecoveringLedger.open({
    open: (onFailure, mustExist) =>
      openWalLedger({
        dataFolder,
        fileSystem,
        mustBeLocal: serviceOptions.fileSystem === undefined,
        mustExist,
        observer: observers.ledger,
        queueDepthMax: queueSize,
        now: clock,
        onFailure
      }),
    breaker,
    onFailure: (error) => log.error({ err: error }, 'the ledger takes no more writes'),
    onLost: serviceOptions.onLedgerLost,
    onUnusableSnapshot: ({ path, why }) => log.warn({ path, why }, 'a snapshot of the ledger cannot be used'),
    onStillFailing: (error) => log.warn({ err: error }, 'the ledger cannot take writes yet'),
    onRecovered: (facts) => log.info(facts, 'the ledger takes writes again')
  })
  resilience.addBreaker(breaker)
  resilience.addBulkhead(fileSystem.reads)
  holdWhileOpen(ledgerBreaker, breaker)
  return ledger
}

/** Who cannot write to the disk has no ledger to write to: one breaker follows the other, at once in both directions. */
function holdWhileOpen(held: Breaker, cause: Breaker): void {
  let release: (() => void) | undefined
  cause.onChange((state) => {
    if (state === 'closed') {
      release?.()
      release = undefined
    } else {
      release ??= held.hold(() => cause.retryAfterMs)
    }
  })
}

/** The sample is the one beside the caller, else the one that comes with the package. */
function pathOf({ path, sample }: OpeningStockFile): string {
  return sample && !existsSync(path) ? join(packageFolder(import.meta.dirname), path) : path
}
