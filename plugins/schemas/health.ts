import { Type, type Static } from '@sinclair/typebox'
import { Instant } from './values.ts'

const closed = { additionalProperties: false }

export const Health = Type.Object(
  {
    success: Type.Literal(true),
    data: Type.Object(
      {
        status: Type.Unsafe<'healthy' | 'degraded'>({ type: 'string', enum: ['healthy', 'degraded'] }),
        timestamp: Instant('Now'),
        uptime: Type.Number({ description: 'Seconds since the process started.' }),
        ledger: Type.Object(
          {
            status: Type.Unsafe<'open' | 'read_only' | 'closed'>({
              type: 'string',
              enum: ['open', 'read_only', 'closed'],
              description: 'open takes reads and writes, read_only reads only.'
            }),
            sequence: Type.Integer({ description: 'Events in the ledger.' }),
            queueDepth: Type.Integer({ description: 'Writes that wait.' })
          },
          closed
        ),
        sync: Type.Object(
          {
            status: Type.Unsafe<'running' | 'stopped' | 'absent' | 'failed'>({
              type: 'string',
              enum: ['running', 'stopped', 'absent', 'failed'],
              description:
                'stopped by an administrator; absent where no worker has shown lately; failed where it died or its last pass failed.'
            }),
            lag: Type.Integer({ description: 'Events that the central model does not have yet.' }),
            deadLetters: Type.Integer({ description: 'Events that the central model could not take.' })
          },
          closed
        )
      },
      closed
    )
  },
  { $id: 'Health', description: 'How the service and its ledger are.', ...closed }
)

export const Liveness = Type.Object(
  { status: Type.Literal('ok') },
  {
    $id: 'Liveness',
    description: 'The process answers.',
    ...closed
  }
)

export type Health = Static<typeof Health>
export type Liveness = Static<typeof Liveness>
