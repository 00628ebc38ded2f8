import type { FastifyInstance } from 'fastify'
import { ProductPage, ProductQuery } from '../../plugins/schemas/products.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { parseCursor, printCursor } from '../inventory/cursor.ts'
import { page } from './examples.ts'
import { renderProduct } from './rendering.ts'

const defaultLimit = 50

const schema = {
  operationId: 'listProducts',
  summary: 'List the products',
  description:
    'The products in the order of their ids (UTF-16 code units). A page starts after the last id of the page before, so ' +
    'that products that come, change or go meanwhile neither repeat nor hide others. Each page says the offset of the ' +
    'newest event in it: a follower that reads all pages and then the feed from one after the first page’s offset, ' +
    'taking only events with a higher version than it has, misses nothing.',
  tags: ['products'],
  querystring: ProductQuery,
  response: { 200: reference(ProductPage) },
  documentation: { responseExamples: { 'first page': page }, errors: [400, 500, 503] }
} as const

export function productsRoute(fastify: FastifyInstance): void {
  const { centralStoreId: storeId } = fastify.configuration
  fastify.get<{ Querystring: ProductQuery }>(
    '/v1/inventory',
    { schema },
    async (request): Promise<ProductPage> => {
      const { limit = defaultLimit, cursor } = request.query
      const query =
        cursor === undefined ? { storeId, limit } : { storeId, limit, after: parseCursor('product', cursor) }
      const { records, hasMore, sequence: offset } = await fastify.ledger.list(query, fastify.clock())
      fastify.metrics.count('getInventory')
      const items = records.map(renderProduct)
      const last = records.at(-1)
      return hasMore && last !== undefined
        ? { items, nextCursor: printCursor('product', last.sku), offset }
        : { items, offset }
    }
  )
}
