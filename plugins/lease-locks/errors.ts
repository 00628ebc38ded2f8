import type { LeaseKey } from './key.ts'

export interface LeaseRejection {
  readonly statusCode: number
  readonly retryAfterMs: number
  /** What the details call the name of the key. */
  readonly nameField: string
}

/** Another request holds the lease, or it was lost before the work had begun. Nothing was done. */
export class LeaseRejectedError extends Error {
  override readonly name = 'LockRejectionError'
  readonly code = 'LOCK_REJECTION_ERROR'
  readonly statusCode: number
  /** The exact time; the header has it rounded up. */
  readonly retryAfterSeconds: number
  readonly details: Readonly<Record<string, string | number>>
  readonly key: LeaseKey

  constructor(key: LeaseKey, reason: 'held' | 'lost' | 'closing', rejection: LeaseRejection) {
    const { stackTraceLimit } = Error
    // Contention is no fault to be traced, and comes often where it comes at all.
    Error.stackTraceLimit = 0
    super(
      `${texts[reason]} ${JSON.stringify(key.name)}${key.space === '' ? '' : ` in ${JSON.stringify(key.space)}`}`
    )
    Error.stackTraceLimit = stackTraceLimit
    this.key = key
    this.statusCode = rejection.statusCode
    this.retryAfterSeconds = rejection.retryAfterMs / 1000
    this.details = { [rejection.nameField]: key.name, retryAfter: this.retryAfterSeconds }
  }
}

const texts = {
  held: 'Another request holds the lease of',
  lost: 'Nothing was done, as the time was up for the lease of',
  closing: 'The server is shutting down and takes no lease of'
} as const
