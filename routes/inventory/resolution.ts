import type { FastifyInstance } from 'fastify'
import type { Commit, Release } from '../../domain/commands.ts'
import type { Examples } from '../../plugins/openapi/documentation.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { RecordParams, ResolveRequest } from '../../plugins/schemas/requests.ts'
import { StockResult } from '../../plugins/schemas/stock.ts'
import { committed, released, resolutionOfAll, resolutionOfSome } from './examples.ts'
import { execute } from './execution.ts'
import { recordLease } from './leases.ts'
import type { InventoryPath } from './paths.ts'

function resolution(texts: { operationId: string; summary: string; description: string }, example: Examples) {
  return {
    ...texts,
    tags: ['stock'],
    params: RecordParams,
    body: reference(ResolveRequest),
    response: { 200: reference(StockResult) },
    documentation: {
      requestHeaders: ['Idempotency-Key', 'If-Match', 'If-None-Match'],
      responseHeaders: ['ETag', 'Idempotency-Replayed'],
      requestExamples: { 'all that is held': resolutionOfAll, 'some of it': resolutionOfSome },
      responseExamples: example,
      errors: [400, 404, 409, 412, 413, 415, 422, 500, 503]
    }
  } as const
}

const releaseSchema = resolution(
  {
    operationId: 'releaseStock',
    summary: 'Give held units back',
    description:
      'Held units of a reservation go back to qty: all that is left of it unless qty says how many.'
  },
  { released }
)

const commitSchema = resolution(
  {
    operationId: 'commitStock',
    summary: 'Take held units out',
    description:
      'Held units of a reservation leave for good: all that is left of it unless qty says how many.'
  },
  { committed }
)

export function releaseRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  resolutionRoute(fastify, `${url}/:sku/release`, 'release', { ...releaseSchema, hide })
}

export function commitRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  resolutionRoute(fastify, `${url}/:sku/commit`, 'commit', { ...commitSchema, hide })
}

function resolutionRoute(
  fastify: FastifyInstance,
  url: string,
  type: 'release' | 'commit',
  schema: typeof releaseSchema & { hide: boolean }
): void {
  fastify.post<{ Params: RecordParams; Body: ResolveRequest }>(
    url,
    {
      schema,
      config: { idempotency: { mode: 'transactional', operation: schema.operationId }, leases: recordLease }
    },
    (request, reply) => {
      const { storeId, sku } = request.params
      const { reservationId, qty } = request.body
      const precondition = request.precondition()
      const command: Release | Commit = {
        type,
        storeId,
        sku,
        reservationId,
        ...(qty !== undefined && { qty }),
        ...(precondition && { precondition })
      }
      return execute(fastify, request, reply, command, fastify.clock())
    }
  )
}
