import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Breaker } from '../../adapters/resilience/breaker.ts'
import type { Retained, SnapshotWritten } from '../../adapters/wal/log-upkeep.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import { RecoveringLedger } from '../../adapters/wal/recovering-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { checkOptions, type WalStoreOptions } from './options.ts'

export { EventsGoneError, LedgerError, type Ledger } from '../../domain/ledger.ts'
export type { Command } from '../../domain/commands.ts'
export type { RecordView } from '../../domain/record.ts'
export type { Answer, LineResult, Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'
export type { WalStoreOptions } from './options.ts'

/** The ledger in a folder, and what keeps its log in order. */
export interface WalStore extends Ledger {
  /** Writes the state after all that the log holds at the call into the folder, so that a start need not read it all. */
  writeSnapshot(): Promise<SnapshotWritten>
  /**
   * Removes the oldest parts of the log as far as the newest `eventCount` events stay, all readers have come past them
   * (`checkpoint` is the event up to which the last one has) and two snapshots cover them.
   */
  retain(eventCount: number | undefined, checkpoint: number): Promise<Retained>
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly walStore: WalStore
  }
}

/** As cautious as the service is where nothing else is said. */
const usualBreaker = { name: 'fileSystem', threshold: 0.5, cooldownMs: 10_000 }

/**
 * Decorates `fastify.walStore`: one log in a folder, for any number of processes, that heals by itself when the disk does.
 * It is closed with the server. Rejects where the ledger cannot be opened.
 */
async function walStore(fastify: FastifyInstance, options: WalStoreOptions): Promise<void> {
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
  fastify.decorate('walStore', store)
}

/** Keeps stock movements in a folder, durably and in one order. */
export default fastifyPlugin(walStore, { name: 'bincard-wal-store', fastify: '5.x' })
