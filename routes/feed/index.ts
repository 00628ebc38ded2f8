import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { validationError } from '../../plugins/errors/api-error.ts'
import { canonicalIntegerOr } from '../../plugins/schemas/canonical-integer.ts'
import { FeedPage, FeedQuery } from '../../plugins/schemas/feed.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { nothingYet, page, stream } from './examples.ts'

const defaultLimit = 100
const eventStream = 'text/event-stream'
const offered = ['application/json', eventStream]

const schema = {
  operationId: 'listEvents',
  summary: 'Follow the changes of all records',
  description:
    'The events of all records, those of the stores too, from offset on: contiguous from 1, in the order in which they took ' +
    'effect, never changed. Ask for nextOffset next. With wait the answer is held back while there is no event, and comes ' +
    'at once when one lands. Filters leave events out, and nextOffset moves past them; at most 10,000 events are looked ' +
    'at for one page, so a page may be empty while hasMore is true. An offset beyond the end is waited for, and nothing before ' +
    'it is answered. The same events come as Server-Sent Events with Accept: text/event-stream: without end, id is the ' +
    'offset, Last-Event-ID goes on after it whatever offset says, limit and wait have no part in it. Of one address 1,024 ' +
    'requests may wait at once, or be streams; one more is 429.',
  tags: ['feed'],
  querystring: FeedQuery,
  response: {
    200: {
      description: 'A page of events, or events without end.',
      content: {
        'application/json': { schema: reference(FeedPage) },
        [eventStream]: {
          schema: {
            type: 'string',
            description: 'Server-Sent Events (HTML Living Standard).',
            examples: [stream]
          }
        }
      }
    }
  },
  documentation: {
    requestHeaders: ['Last-Event-ID'],
    responseExamples: { events: page, 'nothing yet': nothingYet },
    errors: [400, 410, 500, 503]
  }
} as const

type FeedRequest = FastifyRequest<{ Querystring: FeedQuery }>

/** The feed: every change of every record, in order. */
export default async function feed(fastify: FastifyInstance): Promise<void> {
  fastify.get<{ Querystring: FeedQuery }>(
    '/v1/inventory/events',
    // Nobody can wait for the head of an answer without an end.
    { schema, exposeHeadRoute: false },
    (request, reply) => {
      // What is true now and may be waited for is nothing to keep.
      reply.header('cache-control', 'no-store').header('vary', 'Accept')
      fastify.feed.attend(reply.raw)
      // Of use to a stream only, but what is malformed is never passed over.
      const resumedAt = offsetAfter(request.headers['last-event-id'])
      const isStream = prefersStream(request.headers.accept)
      if (isStream || (request.query.wait ?? 0) > 0) fastify.feed.admit(request.ip, reply.raw)
      if (isStream) answerStream(fastify, request, reply, resumedAt)
      else answerPage(fastify, request, reply)
    }
  )
}

function answerPage({ feed }: FastifyInstance, { query }: FeedRequest, reply: FastifyReply): void {
  const { limit = defaultLimit, wait = 0 } = query
  // Nobody waits who has gone already.
  const waitMs = reply.raw.destroyed ? 0 : wait * 1000
  const forget = feed.ask(
    { offset: Math.max(1, query.offset), limit, filter: query, waitMs },
    {
      answer: ({ body }) => {
        if (feed.isClosing) reply.header('connection', 'close')
        reply.type('application/json; charset=utf-8').send(body)
      },
      fail: (reason) => {
        // Anything but an error would be taken for the answer itself.
        reply.send(reason instanceof Error ? reason : new Error('events cannot be read', { cause: reason }))
      }
    }
  )
  if (!reply.sent) reply.raw.once('close', forget)
}

function answerStream(
  { feed }: FastifyInstance,
  { query }: FeedRequest,
  reply: FastifyReply,
  resumedAt: number | undefined
): void {
  const offset = resumedAt ?? Math.max(1, query.offset)
  const events = feed.stream(offset, query)
  // The connection is of no use to anybody afterwards, and a proxy is to pass on each event as it comes.
  reply.header('connection', 'close').header('x-accel-buffering', 'no').type(eventStream).send(events)
}

/** Whether the client would rather have Server-Sent Events than JSON (RFC 9110, section 12.5.1). */
function prefersStream(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*') return false
  return new Negotiator({ headers: { accept } }).mediaType(offered) === eventStream
}

function offsetAfter(lastEventId: unknown): number | undefined {
  if (lastEventId === undefined) return undefined
  const last = canonicalIntegerOr(lastEventId)
  if (typeof last === 'number' && last >= 0 && last < Number.MAX_SAFE_INTEGER) return last + 1
  const reason = 'must be the id of an event of this feed'
  throw validationError(`Last-Event-ID ${reason}`, [{ in: 'header', field: 'Last-Event-ID', reason }])
}
