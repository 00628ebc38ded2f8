import type { FastifyInstance } from 'fastify'
import type { ReservationPosition, ReservationQuery } from '../../domain/reservation-pages.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import {
  RecordParams,
  RecordReservationsQuery,
  StoreParams,
  StoreReservationsQuery
} from '../../plugins/schemas/requests.ts'
import { ReservationList } from '../../plugins/schemas/stock.ts'
import { foreignCursor, parseCursor, printCursor } from './cursor.ts'
import { endedReservations, openReservations } from './examples.ts'
import type { InventoryPath } from './paths.ts'
import { renderReading } from './rendering.ts'

const defaultLimit = 100

const bounds =
  'Those of one status, open unless another is asked for. Of those that have ended the newest 16,384 of the whole ledger are ' +
  'known. A page starts behind the last reservation of the page before: what ends meanwhile may be told again, but ' +
  'nothing is left out.'

const recordSchema = {
  operationId: 'listRecordReservations',
  summary: "List a record's reservations",
  description: bounds,
  tags: ['reservations'],
  params: RecordParams,
  querystring: RecordReservationsQuery,
  response: { 200: reference(ReservationList) },
  documentation: {
    responseExamples: { open: openReservations, committed: endedReservations },
    errors: [400, 404, 500, 503]
  }
} as const

const storeSchema = {
  ...recordSchema,
  operationId: 'listStoreReservations',
  summary: "List a store's reservations",
  description: `${bounds} With sku only those of that record. A store without any is an empty list.`,
  params: StoreParams,
  querystring: StoreReservationsQuery
} as const

export function recordReservationsRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.get<{ Params: RecordParams; Querystring: RecordReservationsQuery }>(
    `${url}/:sku/reservations`,
    { schema: { ...recordSchema, hide } },
    async (request): Promise<ReservationList> => {
      const { storeId, sku } = request.params
      const list = await listReservations(fastify, { ...request.query, storeId, sku })
      if (list === undefined) throw fastify.refusalError({ code: 'not_found', storeId, sku }, fastify.clock())
      return list
    }
  )
}

export function storeReservationsRoute(fastify: FastifyInstance): void {
  fastify.get<{ Params: StoreParams; Querystring: StoreReservationsQuery }>(
    '/api/inventory/stores/:storeId/reservations',
    { schema: storeSchema },
    async (request): Promise<ReservationList> => {
      const { storeId } = request.params
      return (await listReservations(fastify, { ...request.query, storeId })) ?? { items: [] }
    }
  )
}

async function listReservations(
  fastify: FastifyInstance,
  { storeId, sku, status = 'open', limit = defaultLimit, cursor }: StoreReservationsQuery & StoreParams
): Promise<ReservationList | undefined> {
  const query: ReservationQuery = {
    storeId,
    status,
    limit,
    ...(sku !== undefined && { sku }),
    ...(cursor !== undefined && { after: positionOf(cursor) })
  }
  const page = await fastify.ledger.reservations(query, fastify.clock())
  if (page === undefined) return undefined
  const items = page.reservations.map(renderReading)
  return page.next === undefined ? { items } : { items, nextCursor: cursorOf(page.next) }
}

function cursorOf(position: ReservationPosition): string {
  const place = 'sku' in position ? [position.sku, position.id] : position.endedBefore
  return printCursor('reservation', JSON.stringify(place))
}

function positionOf(cursor: string): ReservationPosition {
  const position = placeIn(parseCursor('reservation', cursor))
  if (position !== undefined && cursorOf(position) === cursor) return position
  throw foreignCursor()
}

function placeIn(text: string): ReservationPosition | undefined {
  let place: unknown
  try {
    place = JSON.parse(text)
  } catch {
    return undefined
  }
  if (Number.isSafeInteger(place)) return { endedBefore: place as number }
  const [sku, id] = Array.isArray(place) ? (place as unknown[]) : []
  return typeof sku === 'string' && typeof id === 'string' ? { sku, id } : undefined
}
