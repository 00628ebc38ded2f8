import { Counter, type Registry } from 'prom-client'
import type { CounterSource } from './options.ts'

declare module 'fastify' {
  interface MetricCounters {
    /** Records, products and pages of them that were read. */
    readonly getInventory: number
    readonly shed: number
    readonly breakerOpen: number
    readonly fsRetries: number
    readonly lockAcquired: number
    readonly lockContended: number
    readonly lockStolen: number
    readonly lockExpired: number
    readonly lockLost: number
    readonly lockReleaseFailures: number
  }
}

const instruments = {
  getInventory: ['reads_total', 'Records, products and pages of them that were read'],
  shed: ['load_shed_total', 'Requests that were refused because too many waited'],
  breakerOpen: [
    'breaker_open_total',
    'Requests that were refused because a breaker was open or the ledger took no writes'
  ],
  fsRetries: ['fs_retries_total', 'File operations that were tried again'],
  lockAcquired: ['lock_acquired_total', 'Leases that were taken'],
  lockContended: ['lock_contended_total', 'Leases that another held'],
  lockStolen: ['lock_stolen_total', 'Leases that were taken over from a holder that was gone'],
  lockExpired: ['lock_expired_total', 'Leases that ran out while they were held'],
  lockLost: ['lock_lost_total', 'Leases that another took over while they were held'],
  lockReleaseFailures: ['lock_release_failures_total', 'Leases that could not be given back']
} as const

/** The counters that whoever does the thing counts by their names: `fastify.metrics.count('shed')`. */
export function serviceCounters(registry: Registry, prefix: string): Record<string, CounterSource> {
  const sources: Record<string, CounterSource> = {}
  for (const [name, [suffix, help]] of Object.entries(instruments)) {
    sources[name] = { counter: new Counter({ name: `${prefix}${suffix}`, help, registers: [registry] }) }
  }
  return sources
}
