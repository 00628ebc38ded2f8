import type { FastifyInstance } from 'fastify'
import { v7 as newReservationId } from 'uuid'
import type { Reserve } from '../../domain/commands.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { RecordParams, ReserveRequest } from '../../plugins/schemas/requests.ts'
import { ReservationResult } from '../../plugins/schemas/stock.ts'
import { reserved } from './examples.ts'
import { execute } from './execution.ts'
import { recordLease } from './leases.ts'
import type { InventoryPath } from './paths.ts'

const schema = {
  operationId: 'reserveStock',
  summary: 'Hold units for someone',
  description:
    'Moves units from qty to reserved until they are released or committed, or, with ttlMs, until that time has passed: ' +
    'then they are back in qty by themselves.',
  tags: ['stock'],
  params: RecordParams,
  body: reference(ReserveRequest),
  response: { 200: reference(ReservationResult) },
  documentation: {
    requestHeaders: ['Idempotency-Key', 'If-Match', 'If-None-Match'],
    responseHeaders: ['ETag', 'Idempotency-Replayed'],
    requestExamples: {
      'for a quarter of an hour': { qty: 5, ttlMs: 900_000 },
      'until it is resolved': { qty: 5, reference: 'ORDER-1001' }
    },
    responseExamples: { reserved },
    errors: [400, 404, 409, 412, 413, 415, 422, 500, 503]
  }
} as const

export function reserveRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.post<{ Params: RecordParams; Body: ReserveRequest }>(
    `${url}/:sku/reserve`,
    {
      schema: { ...schema, hide },
      config: { idempotency: { mode: 'transactional', operation: schema.operationId }, leases: recordLease }
    },
    (request, reply) => {
      const { storeId, sku } = request.params
      const { qty, expectedVersion, ttlMs, reference: document } = request.body
      const precondition = request.precondition(expectedVersion)
      const at = fastify.clock()
      const command: Reserve = {
        type: 'reserve',
        storeId,
        sku,
        qty,
        reservationId: newReservationId(),
        ...(precondition && { precondition }),
        ...(ttlMs !== undefined && { expiresAt: at + ttlMs }),
        ...(document !== undefined && { reference: document })
      }
      return execute(fastify, request, reply, command, at)
    }
  )
}
