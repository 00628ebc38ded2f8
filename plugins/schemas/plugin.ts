import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { ErrorEnvelope, Problem } from '../errors/schemas.ts'
import { Health, Liveness } from './health.ts'
import { StockEvent, StockHistory } from './history.ts'
import {
  MovementError,
  MovementResult,
  movementSchemas,
  MovementsRequest,
  MovementsResult
} from './movements.ts'
import { AdjustRequest, ReserveRequest, ResolveRequest } from './requests.ts'
import { Reservation, ReservationResult, StockPage, StockRecord, StockResult } from './stock.ts'

/** Every schema that more than one place refers to; each is a component of the OpenAPI document. */
const shared = [
  StockRecord,
  Reservation,
  StockResult,
  ReservationResult,
  StockPage,
  StockEvent,
  StockHistory,
  AdjustRequest,
  ReserveRequest,
  ResolveRequest,
  ...Object.values(movementSchemas),
  MovementsRequest,
  MovementError,
  MovementResult,
  MovementsResult,
  Health,
  Liveness,
  ErrorEnvelope,
  Problem
]

async function schemas(fastify: FastifyInstance): Promise<void> {
  for (const schema of shared) fastify.addSchema(schema)
}

export default fp(schemas, { name: 'bincard-schemas', fastify: '5.x' })
