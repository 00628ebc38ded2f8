import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { Breaker } from '../../adapters/resilience/breaker.ts'
import { Bulkhead } from '../../adapters/resilience/bulkhead.ts'
import { guardedLedger, isLedgerFailure } from '../../adapters/resilience/guarded-ledger.ts'
import { LedgerError, type Ledger } from '../../domain/ledger.ts'
import type { OpeningStockFile } from '../configuration/configuration.ts'
import { packageFolder } from '../configuration/package-folder.ts'
import type { BreakerView } from '../resilience/plugin.ts'
import { steadyClock } from '../rate-limit/steady-clock.ts'
import ledger, { type LedgerOptions } from './plugin.ts'

/** The plugin as this application has it: the ledger that was given, one in memory, or that of the folder. */
export default fastifyPlugin((fastify: FastifyInstance, options: LedgerOptions) => ledger(fastify, options), {
  name: 'bincard-ledger',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-resilience', 'bincard-metrics', 'bincard-wal-store']
})

const requestsQueuedMax = 100

export function autoConfig(fastify: FastifyInstance): LedgerOptions {
  const { configuration, clock, serviceOptions } = fastify
  const { breakerThreshold: threshold, breakerCooldownMs: cooldownMs } = configuration.resilience
  const now = steadyClock(clock)
  const breaker = new Breaker({ name: 'ledger', threshold, cooldownMs, now, isFailure: isLedgerFailure })
  return {
    given: serviceOptions.ledger,
    open: () => openLedger(fastify, breaker),
    guard: (inner) => guard(fastify, inner, breaker),
    openingStockPath: configuration.openingStock && pathOf(configuration.openingStock),
    now: clock
  }
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

async function openLedger(
  { configuration, observers, resilience, walStore }: FastifyInstance,
  breaker: Breaker
): Promise<Ledger> {
  const { ledger: location } = configuration
  switch (location.kind) {
    case 'memory':
      return new MemoryLedger({ observer: observers.ledger })
    case 'folder': {
      const disk = resilience.breakers.get('fileSystem')
      if (disk !== undefined) holdWhileOpen(breaker, disk)
      return walStore
    }
    default:
      return location satisfies never
  }
}

/** Who cannot write to the disk has no ledger to write to: one breaker follows the other, at once in both directions. */
function holdWhileOpen(held: Breaker, cause: BreakerView): void {
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
