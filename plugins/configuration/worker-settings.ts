import type { Configuration } from './configuration.ts'

/** What a sync worker that is a process of its own runs with. Throws a TypeError where the ledger has no folder. */
export function workerSettings({ ledger, sync, resilience }: Configuration) {
  const { eventRetention, ...settings } = sync
  if (ledger.kind === 'memory') throw new TypeError('a worker has a folder')
  const retention = eventRetention === undefined ? undefined : { eventRetention }
  const { breakerThreshold, breakerCooldownMs } = resilience
  return {
    ...settings,
    ...retention,
    breakerThreshold,
    breakerCooldownMs,
    dataFolder: ledger.folder,
    role: 'worker' as const
  }
}
