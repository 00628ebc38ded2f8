import type { FastifyInstance } from 'fastify'
import type { Extend } from '../../domain/commands.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { ExtendRequest, ReservationParams } from '../../plugins/schemas/requests.ts'
import { ReservationResult } from '../../plugins/schemas/stock.ts'
import { extended } from './examples.ts'
import { execute } from './execution.ts'
import { recordLease } from './leases.ts'
import type { InventoryPath } from './paths.ts'

const schema = {
  operationId: 'extendReservation',
  summary: 'Let a reservation end at another time',
  description:
    'An open reservation ends ttlMs from now, whenever it would have ended before, if at all. One that has ended stays ' +
    'so: 404, and details say what became of it.',
  tags: ['reservations'],
  params: ReservationParams,
  body: reference(ExtendRequest),
  response: { 200: reference(ReservationResult) },
  documentation: {
    requestHeaders: ['Idempotency-Key', 'If-Match', 'If-None-Match'],
    responseHeaders: ['ETag', 'Idempotency-Replayed'],
    requestExamples: { 'three quarters of an hour from now': { ttlMs: 2_700_000 } },
    responseExamples: { extended },
    errors: [400, 404, 409, 412, 413, 415, 500, 503]
  }
} as const

export function extendRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.post<{ Params: ReservationParams; Body: ExtendRequest }>(
    `${url}/:sku/reservations/:reservationId/extend`,
    {
      schema: { ...schema, hide },
      config: { idempotency: { mode: 'transactional', operation: schema.operationId }, leases: recordLease }
    },
    (request, reply) => {
      const { storeId, sku, reservationId } = request.params
      const { ttlMs, expectedVersion } = request.body
      const precondition = request.precondition(expectedVersion)
      const at = fastify.clock()
      const command: Extend = {
        type: 'extend',
        storeId,
        sku,
        reservationId,
        expiresAt: at + ttlMs,
        ...(precondition && { precondition })
      }
      return execute(fastify, request, reply, command, at)
    }
  )
}
