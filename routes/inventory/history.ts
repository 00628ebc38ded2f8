import type { FastifyInstance } from 'fastify'
import { StockHistory } from '../../plugins/schemas/history.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { renderEvent } from '../../plugins/schemas/rendered-event.ts'
import { PageQuery, RecordParams } from '../../plugins/schemas/requests.ts'
import { canonicalIntegerOr } from '../../plugins/schemas/canonical-integer.ts'
import { foreignCursor, parseCursor, printCursor } from './cursor.ts'
import { history } from './examples.ts'
import type { InventoryPath } from './paths.ts'

const defaultLimit = 100

const schema = {
  operationId: 'listStockEvents',
  summary: "Read a record's history",
  description:
    "The record's own events, newest first; productId is the SKU. New events do not disturb the pages after the first.",
  tags: ['stock'],
  params: RecordParams,
  querystring: PageQuery,
  response: { 200: reference(StockHistory) },
  documentation: { responseExamples: { 'first page': history }, errors: [400, 404, 500, 503] }
} as const

export function historyRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.get<{ Params: RecordParams; Querystring: PageQuery }>(
    `${url}/:sku/events`,
    { schema: { ...schema, hide } },
    async (request): Promise<StockHistory> => {
      const { storeId, sku } = request.params
      const { limit = defaultLimit, cursor } = request.query
      const page = await fastify.ledger.history(
        cursor === undefined ? { storeId, sku, limit } : { storeId, sku, limit, before: sequenceOf(cursor) }
      )
      if (page === undefined) throw fastify.refusalError({ code: 'not_found', storeId, sku }, fastify.clock())
      const items = page.events.map(renderEvent)
      const last = page.events.at(-1)
      if (!page.hasMore || last === undefined) return { items }
      return { items, nextCursor: printCursor('sequence', String(last.sequence)) }
    }
  )
}

function sequenceOf(cursor: string): number {
  const sequence = canonicalIntegerOr(parseCursor('sequence', cursor))
  if (typeof sequence === 'number' && sequence >= 1) return sequence
  throw foreignCursor()
}
