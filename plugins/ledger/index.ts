import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { LeftBehindError } from '../../adapters/wal/damage.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { OpeningStockFile } from '../configuration/configuration.ts'
import { packageFolder } from '../configuration/package-folder.ts'
import ledger, { type LedgerOptions } from './plugin.ts'

/** The plugin as this application has it; it tells its observer of what it writes from the first unit on. */
export default fastifyPlugin((fastify: FastifyInstance, options: LedgerOptions) => ledger(fastify, options), {
  name: 'bincard-ledger',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-metrics']
})

export function autoConfig(fastify: FastifyInstance): LedgerOptions {
  const { configuration, clock, serviceOptions } = fastify
  return {
    given: serviceOptions.ledger,
    open: () => openLedger(fastify),
    openingStockPath: configuration.openingStock && pathOf(configuration.openingStock),
    now: clock
  }
}

async function openLedger(fastify: FastifyInstance): Promise<Ledger> {
  const location = fastify.configuration.ledger
  const observer = fastify.observers.ledger
  switch (location.kind) {
    case 'memory':
      return new MemoryLedger({ observer })
    case 'folder':
      return openOnFolder(fastify, location.folder)
    default:
      return location satisfies never
  }
}

async function openOnFolder(fastify: FastifyInstance, dataFolder: string): Promise<Ledger> {
  const { configuration, clock, log, observers, serviceOptions } = fastify
  const ledger = await openWalLedger({
    dataFolder,
    observer: observers.ledger,
    queueDepthMax: configuration.queueSize,
    now: clock,
    onFailure: (error) => {
      log.error({ err: error }, 'the ledger takes no more writes')
      if (error instanceof LeftBehindError) serviceOptions.onLedgerLost?.(error)
    }
  })
  for (const { path, why } of ledger.boot.unusable) {
    log.warn({ path, why }, 'a snapshot of the ledger cannot be used')
  }
  return ledger
}

/** The sample is the one beside the caller, else the one that comes with the package. */
function pathOf({ path, sample }: OpeningStockFile): string {
  return sample && !existsSync(path) ? join(packageFolder(import.meta.dirname), path) : path
}
