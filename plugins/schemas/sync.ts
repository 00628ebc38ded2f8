import { Type, type Static } from '@sinclair/typebox'
import { StockEvent } from './history.ts'
import { reference } from './reference.ts'
import { Cursor, Identifier, Instant, Limit, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }
const success = Type.Literal(true)
const message = Type.String({ description: 'What was done, for people.' })

const DeadLetterId = Identifier('The dead letter, as the list of them has it.', '42')
const IntervalMs = Type.Integer({
  minimum: 100,
  maximum: 3_600_000,
  description: 'The longest time between two passes, in milliseconds.',
  examples: [15_000]
})

export const DeadLetterParams = Type.Object({ id: DeadLetterId }, closed)
export const DeadLetterQuery = Type.Object(
  { limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) },
  closed
)

export const SyncStart = Type.Object(
  { intervalMs: Type.Optional(IntervalMs) },
  { $id: 'SyncStart', description: 'intervalMs is as configured where it is left out.', ...closed }
)

export const SyncDone = Type.Object(
  { success, message },
  { $id: 'SyncDone', description: 'It was done.', ...closed }
)

export const SyncPass = Type.Object(
  {
    success,
    message,
    data: Type.Object(
      {
        applied: WholeNumber(0, 'Events that took effect in the central model.', { examples: [3] }),
        deadLettered: WholeNumber(0, 'Events that could not be applied and were put aside.', {
          examples: [0]
        }),
        sequence: WholeNumber(0, 'The offset of the newest event that was looked at.', { examples: [42] })
      },
      closed
    )
  },
  { $id: 'SyncPass', description: 'What one pass came to.', ...closed }
)

const Worker = Type.Object(
  {
    processId: WholeNumber(1, 'The process that it runs in.', { examples: [4711] }),
    role: Type.Unsafe<'all' | 'worker'>({
      type: 'string',
      enum: ['all', 'worker'],
      description: 'all: a thread of a server; worker: a process of its own.'
    }),
    seenAt: Instant('When it last showed that it lives')
  },
  { description: 'Who makes passes by itself; left out where nobody does.', ...closed }
)

export const SyncStatus = Type.Object(
  {
    success,
    data: Type.Object(
      {
        isRunning: Type.Boolean({
          description:
            'Whether passes are made without being asked for: a worker lives, and nobody has stopped it.'
        }),
        isStopped: Type.Boolean({ description: 'Whether somebody has stopped passes; start ends it.' }),
        intervalMs: IntervalMs,
        lastSequence: WholeNumber(0, 'The offset of the newest event that the central model has.', {
          examples: [42]
        }),
        logSequence: WholeNumber(0, 'The offset of the newest event that there is.', { examples: [42] }),
        lag: WholeNumber(0, 'How many events the central model is behind.', { examples: [0] }),
        lagMs: WholeNumber(0, 'For how many milliseconds the oldest of those has been there.', {
          examples: [0]
        }),
        lastRunAt: Type.Optional(Instant('When the last pass ended')),
        deadLetters: WholeNumber(0, 'How many events are put aside.', { examples: [0] }),
        checkpoint: WholeNumber(0, 'Up to which event the central model is on disk.', { examples: [40] }),
        worker: Type.Optional(Worker),
        failure: Type.Optional(
          Type.String({ description: 'What went wrong last; left out where all is well.' })
        )
      },
      closed
    )
  },
  { $id: 'SyncStatus', description: 'How the central model follows the ledger.', ...closed }
)

export const DeadLetter = Type.Object(
  {
    id: DeadLetterId,
    event: reference(StockEvent),
    reason: Type.String({ description: 'Why the last attempt failed.' }),
    attempts: WholeNumber(0, 'How often it was tried.', { examples: [4] }),
    firstFailedAt: Instant('When it failed first'),
    lastFailedAt: Instant('When it failed last')
  },
  { $id: 'DeadLetter', description: 'An event that the central model could not take.', ...closed }
)

export const DeadLetterPage = Type.Object(
  {
    success,
    data: Type.Object(
      {
        items: Type.Array(reference(DeadLetter)),
        total: WholeNumber(0, 'How many there are in all.', { examples: [1] }),
        nextCursor: Type.Optional(
          Type.String({ description: 'Where the next page starts; left out on the last.' })
        )
      },
      closed
    )
  },
  { $id: 'DeadLetterPage', description: 'Dead letters in the order of their events.', ...closed }
)

export const DeadLetterRetry = Type.Object(
  {
    success,
    message,
    data: Type.Object(
      {
        outcome: Type.Unsafe<'applied' | 'superseded' | 'failed'>({
          type: 'string',
          enum: ['applied', 'superseded', 'failed'],
          description:
            'applied: it took effect; superseded: a later event of the record had already said what it holds; failed: it is still there.'
        }),
        reason: Type.Optional(Type.String({ description: 'Why it failed.' }))
      },
      closed
    )
  },
  { $id: 'DeadLetterRetry', description: 'What came of another try.', ...closed }
)

export type SyncStart = Static<typeof SyncStart>
export type SyncDone = Static<typeof SyncDone>
export type SyncPass = Static<typeof SyncPass>
export type SyncStatus = Static<typeof SyncStatus>
export type DeadLetter = Static<typeof DeadLetter>
export type DeadLetterPage = Static<typeof DeadLetterPage>
export type DeadLetterRetry = Static<typeof DeadLetterRetry>
export type DeadLetterQuery = Static<typeof DeadLetterQuery>
