import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LeaseRequest } from '../../plugins/lease-locks/plugin.ts'
import {
  CreateProducts,
  CreationResults,
  DeleteProducts,
  DeletionResults,
  SetProducts,
  SettingResults
} from '../../plugins/schemas/catalogue.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { leasesOf } from '../inventory/leases.ts'
import {
  creationRequest,
  creationResults,
  deletionRequest,
  deletionResults,
  settingRequest,
  settingResults
} from './examples.ts'
import { creation, deletion, setting } from './lines.ts'
import { answerEach } from './results.ts'

const tags = ['administration']
const errors = [400, 409, 413, 415, 500, 503] as const
const headers = {
  requestHeaders: ['Idempotency-Key'],
  responseHeaders: ['Idempotency-Replayed'],
  errors
} as const

const createSchema = {
  operationId: 'createProducts',
  summary: 'Create products',
  description:
    'Creates 1 to 1,000 products, each on its own. One that was deleted comes back, and its version goes on. One that is ' +
    'there, or whose record in the central pool a store API write made, is refused as already_exists: set it instead.',
  tags,
  body: reference(CreateProducts),
  response: { 200: reference(CreationResults) },
  documentation: {
    ...headers,
    requestExamples: { 'one product': creationRequest },
    responseExamples: { 'one product': creationResults }
  }
} as const

const setSchema = {
  operationId: 'setProducts',
  summary: 'Change products',
  description:
    'Changes what is given of 1 to 1,000 products, each on its own and, with a version, only at that version. available ' +
    'is what can be promised from then on; what reservations hold stays held.',
  tags,
  body: reference(SetProducts),
  response: { 200: reference(SettingResults) },
  documentation: {
    ...headers,
    requestExamples: { 'two products': settingRequest },
    responseExamples: { 'two products': settingResults }
  }
} as const

const deleteSchema = {
  operationId: 'deleteProducts',
  summary: 'Delete products',
  description:
    'Takes 1 to 1,000 products and their units away, each on its own. The history stays. One with open reservations is ' +
    'refused as insufficient_stock: release or commit them first.',
  tags,
  body: reference(DeleteProducts),
  response: { 200: reference(DeletionResults) },
  documentation: {
    ...headers,
    requestExamples: { 'one product': deletionRequest },
    responseExamples: { 'one product': deletionResults }
  }
} as const

/** Of an operation that writes the products that `productIdsOf` finds in its body. */
function configOf<Body>(
  { operationId: operation }: { readonly operationId: string },
  space: string,
  productIdsOf: (body: Body) => string[]
) {
  const leases = (request: FastifyRequest): LeaseRequest =>
    leasesOf(
      request,
      productIdsOf(request.body as Body).map((name) => ({ space, name }))
    )
  return { apiKey: 'admin', idempotency: { mode: 'transactional', operation }, leases } as const
}

function productIdsOf({ products }: CreateProducts | SetProducts): string[] {
  return products.map(({ productId }) => productId)
}

/** The products of the chain, for its administrators. */
export default async function catalogue(fastify: FastifyInstance): Promise<void> {
  const { centralStoreId: storeId } = fastify.configuration

  fastify.post<{ Body: CreateProducts }>(
    '/v1/admin/products/create',
    { schema: createSchema, config: configOf(createSchema, storeId, productIdsOf) },
    async (request, reply): Promise<CreationResults> => {
      const commands = request.body.products.map((product) => creation(storeId, product))
      const { results, succeeded, failed } = await answerEach(fastify, request, reply, commands)
      const summary = { successfulCreations: succeeded, failedCreations: failed }
      return { results, summary: { totalRequests: results.length, ...summary } }
    }
  )

  fastify.put<{ Body: SetProducts }>(
    '/v1/admin/products/set',
    { schema: setSchema, config: configOf(setSchema, storeId, productIdsOf) },
    async (request, reply): Promise<SettingResults> => {
      const commands = request.body.products.map((product) => setting(storeId, product))
      const { results, succeeded, failed } = await answerEach(fastify, request, reply, commands)
      const summary = { successfulUpdates: succeeded, failedUpdates: failed }
      return { results, summary: { totalRequests: results.length, ...summary } }
    }
  )

  fastify.delete<{ Body: DeleteProducts }>(
    '/v1/admin/products/delete',
    {
      schema: deleteSchema,
      config: configOf(deleteSchema, storeId, (body: DeleteProducts) => body.productIds)
    },
    async (request, reply): Promise<DeletionResults> => {
      const commands = request.body.productIds.map((productId) => deletion(storeId, productId))
      const { results, succeeded, failed } = await answerEach(fastify, request, reply, commands)
      const summary = { successfulDeletions: succeeded, failedDeletions: failed }
      return { results, summary: { totalRequests: results.length, ...summary } }
    }
  )
}
