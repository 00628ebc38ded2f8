import type { FastifyInstance } from 'fastify'
import { reference } from '../../plugins/schemas/reference.ts'
import { RecordParams } from '../../plugins/schemas/requests.ts'
import { StockRecord } from '../../plugins/schemas/stock.ts'
import { openingRecord } from './examples.ts'
import type { InventoryPath } from './paths.ts'
import { renderRecord } from './rendering.ts'

const schema = {
  operationId: 'getStockRecord',
  summary: 'Read one record',
  description:
    'The stock of one SKU in one store as of now: whatever was answered before the request came is in it. ' +
    'The ETag is the version; with a matching If-None-Match the answer is 304.',
  tags: ['stock'],
  params: RecordParams,
  response: { 200: reference(StockRecord) },
  documentation: {
    requestHeaders: ['If-None-Match'],
    responseHeaders: ['ETag'],
    responseExamples: { opening: openingRecord },
    errors: [400, 404, 500, 503],
    notModified: true
  }
} as const

export function recordRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.get<{ Params: RecordParams }>(
    `${url}/:sku`,
    { schema: { ...schema, hide } },
    async (request, reply) => {
      const { storeId, sku } = request.params
      const at = fastify.clock()
      const record = await fastify.ledger.get(storeId, sku, at)
      if (record === undefined) throw fastify.refusalError({ code: 'not_found', storeId, sku }, at)
      fastify.metrics.count('getInventory')
      const { version, hasLapsed = false } = record
      // Evaluated first, as a malformed header is refused in any case.
      const notModified = request.isNotModified(version) && !hasLapsed
      reply.entityTag(version)
      return notModified ? reply.code(304).send() : renderRecord(record)
    }
  )
}
