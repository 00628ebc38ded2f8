import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { Ledger } from '../../domain/ledger.ts'
import { loadOpeningStockFile } from './opening-stock-file.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly ledger: Ledger
  }
}

export interface LedgerOptions {
  /** A ledger that stays its owner's to fill and to close. */
  readonly given?: Ledger | undefined
  /** Opens the ledger where none is given; it is closed with the application. */
  readonly open: () => Promise<Ledger>
  /** The ledger as requests are to come to it. */
  readonly guard: (ledger: Ledger) => Ledger
  /** File of the stock that an empty ledger is filled with once it is open. */
  readonly openingStockPath?: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Decorates `fastify.ledger`. Rejects where the ledger cannot be opened or its opening stock not be loaded. */
async function ledger(fastify: FastifyInstance, options: LedgerOptions): Promise<void> {
  const { given, open, guard, openingStockPath, now } = options
  if (given !== undefined) {
    fastify.decorate('ledger', guard(given))
    return
  }
  const opened = await open()
  fastify.addHook('onClose', () => opened.close())
  fastify.decorate('ledger', guard(opened))
  if (openingStockPath !== undefined) await loadOpeningStockFile(opened, openingStockPath, now())
}

export default fp(ledger, {
  name: 'bincard-ledger',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-resilience']
})
