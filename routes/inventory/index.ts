import type { FastifyInstance } from 'fastify'
import { adjustRoute } from './adjust.ts'
import { historyRoute } from './history.ts'
import { inventoryPaths } from './paths.ts'
import { recordRoute } from './record.ts'
import { recordsRoute } from './records.ts'
import { reserveRoute } from './reserve.ts'
import { extendRoute } from './extend.ts'
import { reservationRoute } from './reservation.ts'
import { recordReservationsRoute, storeReservationsRoute } from './reservations.ts'
import { commitRoute, releaseRoute } from './resolution.ts'

const routes = [
  recordsRoute,
  recordRoute,
  historyRoute,
  adjustRoute,
  reserveRoute,
  releaseRoute,
  commitRoute,
  recordReservationsRoute,
  reservationRoute,
  extendRoute
]

/** The stock of one store. */
export default async function inventory(fastify: FastifyInstance): Promise<void> {
  for (const path of inventoryPaths) {
    for (const route of routes) route(fastify, path)
  }
  storeReservationsRoute(fastify)
}
