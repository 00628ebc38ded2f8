import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { counters } from './metrics.ts'
import { Instant } from './values.ts'

const closed = { additionalProperties: false }

/** An object whose names are those of what it describes. */
const byName = <Value extends TSchema>(value: Value, description: string) =>
  Type.Unsafe<Record<string, Static<Value>>>({ type: 'object', description, additionalProperties: value })

const count = (description: string) => Type.Integer({ minimum: 0, description })

const breaker = {
  state: Type.Unsafe<'closed' | 'open' | 'half-open'>({
    type: 'string',
    enum: ['closed', 'open', 'half-open'],
    description: 'open lets nothing through; half-open lets one call show whether all is well again.'
  }),
  failures: count('Failures among the calls that count now.'),
  threshold: Type.Number({ description: 'The share of failures past which it opens.' })
}

export const Readiness = Type.Object(
  {
    ready: Type.Boolean({ description: 'Whether requests should be sent here.' }),
    breakers: byName(Type.Object(breaker, closed), 'The circuit breakers by their names.'),
    queueDepth: count('Writes that wait.'),
    criticalBreakersOpen: Type.Array(Type.String(), {
      description: 'The breakers that are not closed and without which no write is taken.'
    })
  },
  { $id: 'Readiness', description: 'Whether the service takes requests of every kind.', ...closed }
)

export const ServiceMetrics = Type.Object(
  {
    success: Type.Literal(true),
    data: Type.Object(
      {
        counters: Type.Object(counters, {
          description: 'Those of /api/metrics, of all server processes together.',
          ...closed
        }),
        requests: Type.Object(
          {
            active: count('Requests that are worked on, up to limit.'),
            queued: count('Requests that wait beside those; past queueMax new ones are turned away.'),
            limit: count('CONCURRENCY_API.'),
            queueMax: count('LOAD_SHED_QUEUE_MAX.'),
            refused: count('Requests turned away for that since the process started.'),
            longPolls: count('Followers that wait for events.')
          },
          closed
        ),
        pressure: Type.Object(
          {
            eventLoopDelayMs: Type.Number({ description: 'How late the event loop is, on average.' }),
            eventLoopUtilization: Type.Number({
              description: 'The share of time in which it has work, 0 to 1.'
            }),
            heapUsedBytes: count('Memory of JavaScript objects.'),
            rssBytes: count('Memory of the process.'),
            isShedding: Type.Boolean({ description: 'Whether requests are turned away because of these.' }),
            refused: count('Requests turned away because of these since the process started.')
          },
          closed
        ),
        breakers: byName(
          Type.Object({ ...breaker, openings: count('How often it has opened.') }, closed),
          'The circuit breakers by their names.'
        ),
        bulkheads: byName(
          Type.Object(
            {
              limit: count('Calls at once.'),
              active: count('Calls under way.'),
              queued: count('Calls that wait for their turn.'),
              queueMax: count('Calls that may wait.'),
              refused: count('Calls turned away since the process started.')
            },
            closed
          ),
          'The bulkheads by the work that they bound.'
        ),
        timestamp: Instant('Now'),
        uptime: Type.Number({ description: 'Seconds since the process started.' })
      },
      closed
    )
  },
  {
    $id: 'ServiceMetrics',
    description: 'What the service does with faults and with too much work.',
    ...closed
  }
)

export type Readiness = Static<typeof Readiness>
export type ServiceMetrics = Static<typeof ServiceMetrics>
