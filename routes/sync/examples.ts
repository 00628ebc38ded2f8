import type {
  DeadLetterPage,
  DeadLetterRetry,
  SyncDone,
  SyncPass,
  SyncStart,
  SyncStatus
} from '../../plugins/schemas/sync.ts'

const at = '2026-01-15T09:30:00.000Z'

export const passed: SyncPass = {
  success: true,
  message: 'The central model is at event 42',
  data: { applied: 3, deadLettered: 0, sequence: 42 }
}

export const status: SyncStatus = {
  success: true,
  data: {
    isRunning: true,
    isStopped: false,
    intervalMs: 15_000,
    lastSequence: 42,
    logSequence: 42,
    lag: 0,
    lagMs: 0,
    lastRunAt: at,
    deadLetters: 0,
    checkpoint: 40,
    worker: { processId: 4711, role: 'all', seenAt: at }
  }
}

export const startRequest: SyncStart = { intervalMs: 5000 }
export const started: SyncDone = {
  success: true,
  message: 'Passes are made by themselves, at least each 5000 ms'
}
export const stopped: SyncDone = { success: true, message: 'No passes are made by themselves any more' }

export const deadLetters: DeadLetterPage = {
  success: true,
  data: {
    items: [
      {
        id: '42',
        event: {
          offset: 42,
          timestamp: at,
          eventType: 'inventory_updated',
          storeId: 'STORE001',
          productId: 'SKU123',
          version: 2,
          data: { type: 'adjusted', delta: -2, qty: 98, reserved: 0 }
        },
        reason: 'event 42 (adjusted on ["STORE001","SKU123"]): version 2 does not follow 0',
        attempts: 4,
        firstFailedAt: at,
        lastFailedAt: at
      }
    ],
    total: 1
  }
}

export const retried: DeadLetterRetry = {
  success: true,
  message: 'Event 42 took effect',
  data: { outcome: 'applied' }
}

export const discarded: SyncDone = { success: true, message: 'Event 42 was given up' }
