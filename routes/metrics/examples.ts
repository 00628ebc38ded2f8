import type { CounterReport, CountersReset } from '../../plugins/schemas/metrics.ts'

export const counters = {
  requests: 120,
  errors: 3,
  conflicts: 1,
  idempotentHits: 2,
  adjustStock: 80,
  reserveStock: 5,
  releaseStock: 1,
  commitStock: 4,
  getInventory: 20,
  syncOperations: 60,
  rateLimited: 0,
  shed: 0,
  breakerOpen: 0,
  fsRetries: 0,
  snapshots: 1,
  deadLettered: 0,
  lockAcquired: 0,
  lockContended: 0,
  lockStolen: 0,
  lockExpired: 0,
  lockLost: 0,
  lockReleaseFailures: 0
}

export const counted: CounterReport = {
  success: true,
  data: {
    ...counters,
    timestamp: '2026-01-15T09:30:00.000Z',
    uptime: 86_400.25
  }
}

export const resetDone: CountersReset = { success: true, message: 'The counters begin at zero again' }
