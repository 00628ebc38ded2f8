import type { FastifyInstance } from 'fastify'
import { reference } from '../../plugins/schemas/reference.ts'
import { ReservationParams } from '../../plugins/schemas/requests.ts'
import { ReservationReading } from '../../plugins/schemas/stock.ts'
import { committedReading, openReading } from './examples.ts'
import type { InventoryPath } from './paths.ts'
import { renderReading } from './rendering.ts'

const schema = {
  operationId: 'getReservation',
  summary: 'Read one reservation',
  description:
    'The reservation as of now: from its expiry on it is expired, even before the feed says so. Of those that have ended the ' +
    'newest 16,384 of the whole ledger are known; what became of older ones is in the history of the record.',
  tags: ['reservations'],
  params: ReservationParams,
  response: { 200: reference(ReservationReading) },
  documentation: {
    responseExamples: { open: openReading, committed: committedReading },
    errors: [400, 404, 500, 503]
  }
} as const

export function reservationRoute(fastify: FastifyInstance, { url, hide }: InventoryPath): void {
  fastify.get<{ Params: ReservationParams }>(
    `${url}/:sku/reservations/:reservationId`,
    { schema: { ...schema, hide } },
    async (request): Promise<ReservationReading> => {
      const { storeId, sku, reservationId } = request.params
      const at = fastify.clock()
      const reading = await fastify.ledger.reservation(storeId, sku, reservationId, at)
      if (reading !== undefined) return renderReading(reading)
      throw fastify.refusalError({ code: 'reservation_not_found', storeId, sku, reservationId }, at)
    }
  )
}
