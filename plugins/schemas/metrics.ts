import { Type, type Static } from '@sinclair/typebox'
import { Instant, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }
const success = Type.Literal(true)
const count = (description: string, example = 0) => WholeNumber(0, description, { examples: [example] })

/** What is counted, since the start or the last reset. */
export const counters = {
  requests: count('Requests that were answered.', 120),
  errors: count('Answers with a status of 400 and above.', 3),
  conflicts: count('Changes that were refused because their record had another version.', 1),
  idempotentHits: count('Answers that were given again under their idempotency keys.', 2),
  adjustStock: count('Adjustments that were applied, updates of products among them.', 80),
  reserveStock: count('Reservations that were made.', 5),
  releaseStock: count('Releases that were applied.', 1),
  commitStock: count('Commitments that were applied.', 4),
  getInventory: count('Records, products and pages of them that were read.', 20),
  syncOperations: count('Passes of the sync worker.', 60),
  rateLimited: count('Requests that were refused as too many for their sender.'),
  shed: count('Requests that were refused because too many waited.'),
  breakerOpen: count('Requests that were refused because a breaker was open or the ledger took no writes.'),
  fsRetries: count('File operations that were tried again.'),
  snapshots: count('Snapshots of the ledger that were written.', 1),
  deadLettered: count('Events that were put aside because the central model could not take them.'),
  lockAcquired: count('Leases that were taken.'),
  lockContended: count('Leases that another held.'),
  lockStolen: count('Leases that were taken over from a holder that was gone.'),
  lockExpired: count('Leases that ran out while they were held.'),
  lockLost: count('Leases that another took over while they were held.'),
  lockReleaseFailures: count('Leases that could not be given back.')
}

export const CounterReport = Type.Object(
  {
    success,
    data: Type.Object(
      {
        ...counters,
        timestamp: Instant('Now'),
        uptime: Type.Number({ description: 'Seconds since the process started.', examples: [86_400.25] })
      },
      closed
    )
  },
  { $id: 'CounterReport', description: 'What was counted since the start or the last reset.', ...closed }
)

export const CountersReset = Type.Object(
  { success, message: Type.String({ description: 'What was done, for people.' }) },
  { $id: 'CountersReset', description: 'The counters begin at zero again.', ...closed }
)

export type CounterReport = Static<typeof CounterReport>
export type CountersReset = Static<typeof CountersReset>
