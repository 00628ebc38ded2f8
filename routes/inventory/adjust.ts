import type { FastifyInstance } from 'fastify'
import type { Adjust } from '../../domain/commands.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { AdjustRequest, RecordParams } from '../../plugins/schemas/requests.ts'
import { StockResult } from '../../plugins/schemas/stock.ts'
import { adjusted } from './examples.ts'
import { execute } from './execution.ts'
import { recordLease } from './leases.ts'
import type { InventoryPath } from './paths.ts'

const schema = {
  operationId: 'adjustStock',
  summary: 'Add or take units',
  description:
    'Changes qty by delta. A record that does not exist is created where delta is positive. ' +
    'Taking more than qty is refused with 422 and changes nothing.',
  tags: ['stock'],
  params: RecordParams,
  body: reference(AdjustRequest),
  response: { 200: reference(StockResult) },
  documentation: {
    requestHeaders: ['Idempotency-Key', 'If-Match', 'If-None-Match'],
    responseHeaders: ['ETag', 'Idempotency-Replayed'],
    requestExamples: {
      sale: { delta: -2 },
      stocktaking: { delta: -2, expectedVersion: 1, reason: 'stocktaking', reference: 'INV-536365' }
    },
    responseExamples: { adjusted },
    errors: [400, 404, 409, 412, 413, 415, 422, 500, 503]
  }
} as const

export function adjustRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.post<{ Params: RecordParams; Body: AdjustRequest }>(
    `${url}/:sku/adjust`,
    {
      schema: { ...schema, hide },
      config: { idempotency: { mode: 'transactional', operation: schema.operationId }, leases: recordLease }
    },
    (request, reply) => {
      const { storeId, sku } = request.params
      const { delta, expectedVersion, reason, reference: document } = request.body
      const precondition = request.precondition(expectedVersion)
      const command: Adjust = {
        type: 'adjust',
        storeId,
        sku,
        delta,
        ...(precondition && { precondition }),
        ...(reason !== undefined && { reason }),
        ...(document !== undefined && { reference: document })
      }
      return execute(fastify, request, reply, command, fastify.clock())
    }
  )
}
