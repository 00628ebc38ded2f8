import { hostname } from 'node:os'
import { ConfigurationError } from './configuration-error.ts'
import type { Variables } from './variables.ts'

/** How leases keep writes of one SKU apart. */
export interface LockSettings {
  readonly enabled: boolean
  /** Undefined for `locks` in the folder of the ledger. */
  readonly folder: string | undefined
  readonly ownerId: string
  readonly ttlMs: number
  readonly renewMs: number
  readonly rejectStatus: 429 | 503
  readonly retryAfterMs: number
}

/** Throws a ConfigurationError where a lease would run out before it is renewed. */
export function lockSettings(variables: Variables): LockSettings {
  const { LOCK_TTL_MS: ttlMs, LOCK_RENEW_MS: renewMs } = variables
  if (renewMs > ttlMs / 2) {
    const allowed = `at most half of LOCK_TTL_MS (${Math.floor(ttlMs / 2)})`
    throw new ConfigurationError('LOCK_RENEW_MS', JSON.stringify(String(renewMs)), allowed)
  }
  return {
    enabled: variables.LOCKS_ENABLED === 'true',
    folder: variables.LOCK_DIR,
    ownerId: variables.LOCK_OWNER_ID ?? `${hostname()}:${process.pid}`,
    ttlMs,
    renewMs,
    rejectStatus: variables.LOCK_REJECT_STATUS,
    retryAfterMs: variables.LOCK_RETRY_AFTER_MS
  }
}
