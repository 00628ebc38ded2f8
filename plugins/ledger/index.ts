import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { OpeningStockFile } from '../configuration/configuration.ts'
import { packageFolder } from '../configuration/package-folder.ts'
import type { LedgerOptions } from './plugin.ts'

export { default } from './plugin.ts'

export function autoConfig(fastify: FastifyInstance): LedgerOptions {
  const { configuration, clock, serviceOptions } = fastify
  return {
    given: serviceOptions.ledger,
    open: () => openLedger(fastify),
    openingStockPath: configuration.openingStock && pathOf(configuration.openingStock),
    now: clock
  }
}

async function openLedger({ configuration, clock, log }: FastifyInstance): Promise<Ledger> {
  const { ledger, queueSize } = configuration
  switch (ledger.kind) {
    case 'memory':
      return new MemoryLedger()
    case 'folder':
      return openWalLedger({
        dataFolder: ledger.folder,
        queueDepthMax: queueSize,
        now: clock,
        onFailure: (error) => log.error({ err: error }, 'the ledger takes no more writes')
      })
    default:
      return ledger satisfies never
  }
}

/** The sample is the one beside the caller, else the one that comes with the package. */
function pathOf({ path, sample }: OpeningStockFile): string {
  return sample && !existsSync(path) ? join(packageFolder(import.meta.dirname), path) : path
}
