import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { Synchronization } from '../../domain/synchronization.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The central model and what keeps it up to date. */
    readonly sync: Synchronization
  }
}

export interface SyncOptions {
  /** Opens the synchronization of the service's ledger; it is closed with the application, before the ledger. */
  readonly open: () => Promise<Synchronization>
}

/** Decorates `fastify.sync`. */
async function sync(fastify: FastifyInstance, { open }: SyncOptions): Promise<void> {
  const opened = await open()
  fastify.addHook('onClose', () => opened.close())
  fastify.decorate('sync', opened)
}

export default fp(sync, {
  name: 'bincard-sync',
  fastify: '5.x',
  dependencies: ['bincard-configuration', 'bincard-resilience', 'bincard-ledger']
})
