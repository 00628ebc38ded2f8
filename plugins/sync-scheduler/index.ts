import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { LedgerError } from '../../domain/ledger.ts'
import syncScheduler, { type SyncSchedulerOptions } from './plugin.ts'

/** The plugin as this application has it: each serving process sees that expired idempotency keys are let go. */
export default fastifyPlugin(
  (fastify: FastifyInstance, options: SyncSchedulerOptions) => syncScheduler(fastify, options),
  {
    name: 'bincard-sync-scheduler',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-ledger']
  }
)

export function autoConfig(fastify: FastifyInstance): SyncSchedulerOptions {
  return {
    job: () => letKeysGo(fastify),
    intervalMs: fastify.configuration.idempotencyCleanupIntervalMs,
    now: fastify.clock
  }
}

/**
 * Each write lets go of the keys whose time has passed. Where nobody writes, the log is told how late it is, if that lets
 * any go: by the log, and not by this process's clock, so that all who read it hold the same ones.
 */
async function letKeysGo({ ledger, clock }: FastifyInstance): Promise<void> {
  if (ledger.health().status !== 'open' || ledger.figures().rememberedKeys === 0) return
  try {
    await ledger.execute({ at: clock(), lines: [], atomic: false })
  } catch (error) {
    // The ledger itself says what it suffers from; the keys are let go another time.
    if (!(error instanceof LedgerError)) throw error
  }
}
