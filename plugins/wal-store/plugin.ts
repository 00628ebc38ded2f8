import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Breaker } from '../../adapters/resilience/breaker.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import { RecoveringLedger } from '../../adapters/wal/recovering-ledger.ts'
import { checkOptions, type WalStoreOptions } from './options.ts'
import { checkedStore, type WalStore } from './wal-store.ts'

export { EventsGoneError, LedgerError, type Ledger } from '../../domain/ledger.ts'
export type { Command } from '../../domain/commands.ts'
export type { RecordView } from '../../domain/record.ts'
export type { Answer, LineResult, Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'
export type { WalStoreOptions } from './options.ts'
export type { WalStore } from './wal-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly walStore: WalStore
  }
}

/** As cautious as the service is where nothing else is said. */
const usualBreaker = { name: 'fileSystem', threshold: 0.5, cooldownMs: 10_000 }

/**
 * Opens the ledger and closes it with the server; it trusts those who ask it for something to have been checked already.
 * Rejects where the ledger cannot be opened.
 */
export async function openWalStore(fastify: FastifyInstance, options: WalStoreOptions): Promise<WalStore> {
  checkOptions(options)
  const { log } = fastify
  const { breaker, cooldownMs = usualBreaker.cooldownMs, onLost, ...ledger } = options
  const store = await RecoveringLedger.open({
    open: (onFailure, mustExist) => openWalLedger({ ...ledger, mustExist, onFailure }),
    breaker: breaker ?? new Breaker({ ...usualBreaker, cooldownMs }),
    onFailure: (error) => log.error({ err: error }, 'the ledger takes no more writes'),
    onLost,
    onUnusableSnapshot: ({ path, why }) => log.warn({ path, why }, 'a snapshot of the ledger cannot be used'),
    onStillFailing: (error) => log.warn({ err: error }, 'the ledger cannot take writes yet'),
    onRecovered: (facts) => log.info(facts, 'the ledger takes writes again')
  })
  fastify.addHook('onClose', () => store.close())
  return store
}

/**
 * Decorates `fastify.walStore`: one log in a folder, for any number of processes, that heals by itself when the disk does.
 * A unit that is not as its types say is refused with a TypeError. Rejects where the ledger cannot be opened.
 */
async function walStore(fastify: FastifyInstance, options: WalStoreOptions): Promise<void> {
  fastify.decorate('walStore', checkedStore(await openWalStore(fastify, options)))
}

/** Keeps stock movements in a folder, durably and in one order. */
export default fastifyPlugin(walStore, { name: 'bincard-wal-store', fastify: '5.x' })
