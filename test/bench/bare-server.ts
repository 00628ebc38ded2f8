import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import schemas from '../../plugins/schemas/plugin.ts'
import { MovementsRequest, MovementsResult } from '../../plugins/schemas/movements.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { AdjustRequest, RecordParams } from '../../plugins/schemas/requests.ts'
import { StockRecord, StockResult } from '../../plugins/schemas/stock.ts'
import {
  UpdateAnswer,
  UpdateRequest,
  type BatchUpdate,
  type SingleUpdate,
  type UpdateResults
} from '../../plugins/schemas/updates.ts'
import { validatorCompiler } from '../../plugins/validation/compiler.ts'

/*
 * What the service is measured against: the same schemas, validator and serializer, the same paths, the same shapes
 * of answer, made from the request. It keeps nothing, has no hook and no plugin.
 */
const recordPath = '/api/inventory/stores/:storeId/inventory/:sku'

function recordOf({ storeId, sku }: RecordParams, qty: number): StockRecord {
  return { storeId, sku, qty, reserved: 0, version: 1, updatedAt: new Date().toISOString() }
}

function routes(fastify: FastifyInstance): void {
  fastify.get<{ Params: RecordParams }>(
    recordPath,
    { schema: { params: RecordParams, response: { 200: reference(StockRecord) } } },
    async (request) => recordOf(request.params, 1)
  )

  fastify.post<{ Params: RecordParams; Body: AdjustRequest }>(
    `${recordPath}/adjust`,
    {
      schema: {
        params: RecordParams,
        body: reference(AdjustRequest),
        response: { 200: reference(StockResult) }
      }
    },
    async (request): Promise<StockResult> => {
      const record = recordOf(request.params, request.body.delta)
      return { success: true, newQuantity: record.qty, newVersion: record.version, record }
    }
  )

  fastify.post<{ Body: MovementsRequest }>(
    '/api/inventory/movements',
    {
      schema: { body: reference(MovementsRequest), response: { 200: reference(MovementsResult) } },
      bodyLimit: 8 * 1024 * 1024
    },
    async (request): Promise<MovementsResult> => {
      const { movements } = request.body
      const results = movements.map(({ storeId, sku }) => ({
        storeId,
        sku,
        applied: true,
        newQuantity: 1,
        newVersion: 1
      }))
      const total = results.length
      return { success: true, results, summary: { total, applied: total, failed: 0 } }
    }
  )
}

function centralRoutes(fastify: FastifyInstance): void {
  fastify.post<{ Body: SingleUpdate | BatchUpdate }>(
    '/v1/inventory/updates',
    { schema: { body: reference(UpdateRequest), response: { 200: reference(UpdateAnswer) } } },
    async (request): Promise<UpdateResults> => {
      const updates = 'updates' in request.body ? request.body.updates : [request.body]
      const lastUpdated = new Date().toISOString()
      const results = updates.map(({ productId, version }) => ({
        productId,
        newQuantity: 1,
        newVersion: version + 1,
        applied: true,
        lastUpdated
      }))
      const totalRequests = results.length
      return { results, summary: { totalRequests, applied: totalRequests, failed: 0 } }
    }
  )
}

const fastify = Fastify({ logger: { level: 'warn' }, disableRequestLogging: true })
await fastify.register(schemas)
fastify.setValidatorCompiler(validatorCompiler(Object.values(fastify.getSchemas()) as object[]))
routes(fastify)
centralRoutes(fastify)
await fastify.listen({ host: '127.0.0.1', port: 0, listenTextResolver: () => '' })
const { port } = fastify.server.address() as AddressInfo
process.stdout.write(`The bare server listens on http://127.0.0.1:${port}\n`)
