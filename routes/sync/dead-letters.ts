import type { FastifyInstance } from 'fastify'
import type { DeadLetter as Letter, RetryResult } from '../../domain/synchronization.ts'
import { notFoundError, type ApiError } from '../../plugins/errors/api-error.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { renderEvent } from '../../plugins/schemas/rendered-event.ts'
import {
  DeadLetterPage,
  DeadLetterParams,
  DeadLetterQuery,
  DeadLetterRetry,
  SyncDone,
  type DeadLetter
} from '../../plugins/schemas/sync.ts'
import { foreignCursor, parseCursor, printCursor } from '../inventory/cursor.ts'
import { deadLetters, discarded, retried } from './examples.ts'

const tags = ['sync']
const config = { apiKey: 'admin' } as const
const defaultLimit = 100

const listSchema = {
  operationId: 'listDeadLetters',
  summary: 'List the dead letters',
  description:
    'The events that the central model could not take, in their order. The rest of the log goes on without them; the next event ' +
    'of the same record says again what it holds.',
  tags,
  querystring: DeadLetterQuery,
  response: { 200: reference(DeadLetterPage) },
  documentation: { responseExamples: { 'one letter': deadLetters }, errors: [400, 500, 503] }
} as const

const retrySchema = {
  operationId: 'retryDeadLetter',
  summary: 'Try a dead letter again',
  description:
    'It is gone where its event took effect now, or a later event of the record had done so already; else it stays.',
  tags,
  params: DeadLetterParams,
  response: { 200: reference(DeadLetterRetry) },
  documentation: { responseExamples: { applied: retried }, errors: [400, 404, 413, 415, 500, 503] }
} as const

const discardSchema = {
  operationId: 'discardDeadLetter',
  summary: 'Give a dead letter up',
  description:
    'Its event stays out of the central model, whose record is wrong until its next event. The ledger is as it was.',
  tags,
  params: DeadLetterParams,
  response: { 200: reference(SyncDone) },
  documentation: { responseExamples: { discarded }, errors: [400, 404, 413, 415, 500, 503] }
} as const

/** The events that the sync worker could not apply: look, try again, give up. */
export function deadLetterRoutes(fastify: FastifyInstance): void {
  fastify.get<{ Querystring: DeadLetterQuery }>(
    '/api/sync/dead-letters',
    { schema: listSchema, config },
    async (request): Promise<DeadLetterPage> => {
      const { limit = defaultLimit, cursor } = request.query
      const { letters, hasMore, total } = await fastify.sync.deadLetters(eventBefore(cursor), limit)
      const items = letters.map(renderLetter)
      const last = letters.at(-1)
      if (!hasMore || last === undefined) return { success: true, data: { items, total } }
      return { success: true, data: { items, total, nextCursor: printCursor('dead-letter', last.id) } }
    }
  )

  fastify.post<{ Params: { id: string } }>(
    '/api/sync/dead-letters/:id/retry',
    { schema: retrySchema, config },
    async (request): Promise<DeadLetterRetry> => {
      const { id } = request.params
      const result = await fastify.sync.retry(id)
      if (result === undefined) throw noDeadLetter(id)
      return { success: true, message: `Event ${id} ${endings[result.outcome]}`, data: result }
    }
  )

  fastify.delete<{ Params: { id: string } }>(
    '/api/sync/dead-letters/:id',
    { schema: discardSchema, config },
    async (request): Promise<SyncDone> => {
      const { id } = request.params
      if (!(await fastify.sync.discard(id))) throw noDeadLetter(id)
      return { success: true, message: `Event ${id} was given up` }
    }
  )
}

const endings: Record<RetryResult['outcome'], string> = {
  applied: 'took effect',
  superseded: 'has nothing left to change',
  failed: 'failed again'
}

function renderLetter({ event, firstFailedAt, lastFailedAt, ...letter }: Letter): DeadLetter {
  return {
    ...letter,
    event: renderEvent(event),
    firstFailedAt: instant(firstFailedAt),
    lastFailedAt: instant(lastFailedAt)
  }
}

/** The event behind which the page starts. */
function eventBefore(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const position = parseCursor('dead-letter', cursor)
  if (/^[1-9]\d{0,15}$/.test(position)) return Number(position)
  throw foreignCursor()
}

function noDeadLetter(id: string): ApiError {
  return notFoundError(`There is no dead letter ${JSON.stringify(id)}`)
}
