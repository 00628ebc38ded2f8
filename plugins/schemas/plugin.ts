import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { ErrorEnvelope, Problem } from '../errors/schemas.ts'
import { RateLimitStatus } from './administration-limits.ts'
import {
  CreateProducts,
  CreationResults,
  DeleteProducts,
  DeletionResults,
  NewProduct,
  ProductResult,
  ProductSetting,
  SetProducts,
  SettingResults
} from './catalogue.ts'
import { FeedPage } from './feed.ts'
import { CentralStock, CentralStockPage, CentralStoreStock } from './central.ts'
import { Health, Liveness } from './health.ts'
import { Readiness, ServiceMetrics } from './resilience.ts'
import { StockEvent, StockHistory } from './history.ts'
import { LogLevel, LogLevelReport } from './log-level.ts'
import { CounterReport, CountersReset } from './metrics.ts'
import {
  MovementError,
  MovementResult,
  movementSchemas,
  MovementsRequest,
  MovementsResult
} from './movements.ts'
import { Product, ProductPage } from './products.ts'
import { AdjustRequest, ExtendRequest, ReserveRequest, ResolveRequest } from './requests.ts'
import { serializerCompiler } from './serializer.ts'
import {
  Reservation,
  ReservationList,
  ReservationReading,
  ReservationResult,
  StockPage,
  StockRecord,
  StockResult
} from './stock.ts'
import {
  DeadLetter,
  DeadLetterPage,
  DeadLetterRetry,
  SyncDone,
  SyncPass,
  SyncStart,
  SyncStatus
} from './sync.ts'
import {
  AppliedUpdate,
  BatchUpdate,
  RefusedUpdate,
  SingleUpdate,
  UpdateAnswer,
  UpdateOfBatch,
  UpdateRequest,
  UpdateResult,
  UpdateResults
} from './updates.ts'

/** Every schema that more than one place refers to; each is a component of the OpenAPI document. */
export const sharedSchemas: readonly object[] = [
  StockRecord,
  Reservation,
  StockResult,
  ReservationResult,
  ReservationReading,
  ReservationList,
  StockPage,
  StockEvent,
  StockHistory,
  FeedPage,
  AdjustRequest,
  ReserveRequest,
  ExtendRequest,
  ResolveRequest,
  ...Object.values(movementSchemas),
  MovementsRequest,
  MovementError,
  MovementResult,
  MovementsResult,
  Product,
  ProductPage,
  SingleUpdate,
  UpdateOfBatch,
  BatchUpdate,
  UpdateRequest,
  AppliedUpdate,
  RefusedUpdate,
  UpdateResult,
  UpdateResults,
  UpdateAnswer,
  NewProduct,
  ProductSetting,
  CreateProducts,
  SetProducts,
  DeleteProducts,
  ProductResult,
  CreationResults,
  SettingResults,
  DeletionResults,
  RateLimitStatus,
  CentralStoreStock,
  CentralStock,
  CentralStockPage,
  SyncStart,
  SyncDone,
  SyncPass,
  SyncStatus,
  DeadLetter,
  DeadLetterPage,
  DeadLetterRetry,
  CounterReport,
  CountersReset,
  LogLevel,
  LogLevelReport,
  Health,
  Liveness,
  Readiness,
  ServiceMetrics,
  ErrorEnvelope,
  Problem
]

const compileSerializer = serializerCompiler(sharedSchemas)

async function schemas(fastify: FastifyInstance): Promise<void> {
  fastify.setSerializerCompiler(compileSerializer)
  for (const schema of sharedSchemas) fastify.addSchema(schema)
}

export default fp(schemas, { name: 'bincard-schemas', fastify: '5.x' })
