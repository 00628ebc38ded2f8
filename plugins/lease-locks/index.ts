import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { CounterName } from '../metrics/plugin.ts'
import { ConfigurationError } from '../configuration/configuration-error.ts'
import type { LeaseEvent } from './lease.ts'
import leaseLocks, { type LeaseOptions } from './plugin.ts'

interface ServiceLeaseOptions {
  /** Undefined where nobody wants leases: then there is no hook either. */
  readonly leases: LeaseOptions | undefined
}

const counters: Readonly<Record<LeaseEvent, CounterName>> = {
  acquired: 'lockAcquired',
  contended: 'lockContended',
  stolen: 'lockStolen',
  expired: 'lockExpired',
  lost: 'lockLost',
  releaseFailed: 'lockReleaseFailures'
}

/** The plugin as this application has it: after that of the keys, which say whose repetition a request is. */
export default fastifyPlugin(
  async (fastify: FastifyInstance, { leases }: ServiceLeaseOptions) => {
    if (leases === undefined) return
    try {
      await leaseLocks(fastify, leases)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      const allowed = `a folder that can be written, but ${(error as Error).message}`
      throw new ConfigurationError('LOCK_DIR', JSON.stringify(leases.folder), allowed)
    }
  },
  {
    name: 'bincard-lease-locks',
    fastify: '5.x',
    dependencies: ['bincard-configuration', 'bincard-metrics', 'bincard-idempotency']
  }
)

export function autoConfig({ configuration, metrics }: FastifyInstance): ServiceLeaseOptions {
  const { locks, ledger } = configuration
  if (!locks.enabled) return { leases: undefined }
  const ledgerFolder = ledger.kind === 'folder' ? ledger.folder : 'data'
  return {
    leases: {
      folder: locks.folder ?? join(ledgerFolder, 'locks'),
      ttlMs: locks.ttlMs,
      renewMs: locks.renewMs,
      ownerId: locks.ownerId,
      rejectStatus: locks.rejectStatus,
      retryAfterMs: locks.retryAfterMs,
      nameField: 'sku',
      count: (event) => metrics.count(counters[event])
    }
  }
}
