import type { FastifyInstance } from 'fastify'
import { notFoundError } from '../../plugins/errors/api-error.ts'
import {
  CentralPageQuery,
  CentralQuery,
  CentralSkuParams,
  CentralStock,
  CentralStockPage
} from '../../plugins/schemas/central.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { parseCursor, printCursor } from '../inventory/cursor.ts'
import { page, stock } from './examples.ts'
import { renderStock } from './rendering.ts'

const defaultLimit = 100
const tags = ['central']

const readYourWrites =
  'The model follows the ledger, mostly within some hundredths of a second; sequence says up to which event. With minSequence the ' +
  'answer waits until that event is in it, at most two seconds, and is 202 with what there is where it does not come: at ' +
  'once where the sync is stopped, or no such event was written yet.'

const notReached = (schema: object) => ({
  description: 'The model has not come to minSequence yet: what it has so far.',
  ...schema
})

const stockSchema = {
  operationId: 'getCentralStock',
  summary: 'Read a SKU in all stores',
  description: `What each store has of the SKU, and all of them together. ${readYourWrites}`,
  tags,
  params: CentralSkuParams,
  querystring: CentralQuery,
  response: { 200: reference(CentralStock), 202: notReached(reference(CentralStock)) },
  documentation: { responseExamples: { 'two stores': stock }, errors: [400, 404, 500, 503] }
} as const

const pageSchema = {
  operationId: 'listCentralStock',
  summary: 'List the SKUs of all stores',
  description:
    'The SKUs in their order (UTF-16 code units), each with what the stores have of it. A page starts after the last SKU of the ' +
    `page before. ${readYourWrites}`,
  tags,
  querystring: CentralPageQuery,
  response: { 200: reference(CentralStockPage), 202: notReached(reference(CentralStockPage)) },
  documentation: { responseExamples: { 'first page': page }, errors: [400, 500, 503] }
} as const

/** The stock of all stores together. */
export default async function central(fastify: FastifyInstance): Promise<void> {
  fastify.get<{ Params: { sku: string }; Querystring: CentralQuery }>(
    '/api/central/inventory/:sku',
    { schema: stockSchema },
    async (request, reply): Promise<CentralStock> => {
      const { sku } = request.params
      const { stock: found, sequence, isReached } = await fastify.sync.stock(sku, request.query)
      if (!isReached) reply.code(202)
      else if (found === undefined) throw notFoundError(`No store has the SKU ${JSON.stringify(sku)}`)
      return { ...renderStock(found ?? { sku, stores: [], total: 0 }), sequence }
    }
  )

  fastify.get<{ Querystring: CentralPageQuery }>(
    '/api/central/inventory',
    { schema: pageSchema },
    async (request, reply): Promise<CentralStockPage> => {
      const { limit = defaultLimit, cursor, ...query } = request.query
      const after = cursor === undefined ? undefined : parseCursor('central', cursor)
      const { items, hasMore, sequence, isReached } = await fastify.sync.stocks(after, limit, query)
      if (!isReached) reply.code(202)
      const answer = { items: items.map(renderStock), sequence }
      const last = items.at(-1)
      return hasMore && last !== undefined
        ? { ...answer, nextCursor: printCursor('central', last.sku) }
        : answer
    }
  )
}
