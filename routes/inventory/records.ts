import type { FastifyInstance } from 'fastify'
import { reference } from '../../plugins/schemas/reference.ts'
import { PageQuery, StoreParams } from '../../plugins/schemas/requests.ts'
import { StockPage } from '../../plugins/schemas/stock.ts'
import { parseCursor, printCursor } from './cursor.ts'
import { page } from './examples.ts'
import type { InventoryPath } from './paths.ts'
import { renderRecord } from './rendering.ts'

const defaultLimit = 100

const schema = {
  operationId: 'listStockRecords',
  summary: "List a store's records",
  description:
    'The records in the order of their SKUs (UTF-16 code units). A page starts after the last SKU of the page before, ' +
    'so that records that come or change meanwhile neither repeat nor hide others. A store without records is an empty list.',
  tags: ['stock'],
  params: StoreParams,
  querystring: PageQuery,
  response: { 200: reference(StockPage) },
  documentation: { responseExamples: { 'first page': page }, errors: [400, 404, 500, 503] }
} as const

export function recordsRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.get<{ Params: StoreParams; Querystring: PageQuery }>(
    url,
    { schema: { ...schema, hide } },
    async (request): Promise<StockPage> => {
      const { storeId } = request.params
      const { limit = defaultLimit, cursor } = request.query
      const query =
        cursor === undefined ? { storeId, limit } : { storeId, limit, after: parseCursor('sku', cursor) }
      const { records, hasMore } = await fastify.ledger.list(query, fastify.clock())
      fastify.metrics.count('getInventory')
      const items = records.map(renderRecord)
      const last = records.at(-1)
      return hasMore && last !== undefined ? { items, nextCursor: printCursor('sku', last.sku) } : { items }
    }
  )
}
