import type { FastifyInstance } from 'fastify'
import { notFoundError } from '../../plugins/errors/api-error.ts'
import { Product, ProductParams } from '../../plugins/schemas/products.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { mug } from './examples.ts'
import { renderProduct } from './rendering.ts'

const schema = {
  operationId: 'getProduct',
  summary: 'Read one product',
  description:
    'A product of the chain as of now: whatever was answered before the request came is in it. The ETag is the version; ' +
    'with a matching If-None-Match the answer is 304.',
  tags: ['products'],
  params: ProductParams,
  response: { 200: reference(Product) },
  documentation: {
    requestHeaders: ['If-None-Match'],
    responseHeaders: ['ETag'],
    responseExamples: { mug },
    errors: [400, 404, 500, 503],
    notModified: true
  }
} as const

export function productRoute(fastify: FastifyInstance): void {
  const { centralStoreId } = fastify.configuration
  fastify.get<{ Params: ProductParams }>('/v1/inventory/:productId', { schema }, async (request, reply) => {
    const { productId } = request.params
    const record = await fastify.ledger.get(centralStoreId, productId, fastify.clock())
    if (record === undefined) throw notFoundError(`There is no product ${JSON.stringify(productId)}`)
    fastify.metrics.count('getInventory')
    const { version, hasLapsed = false } = record
    // Evaluated first, as a malformed header is refused in any case.
    const notModified = request.isNotModified(version) && !hasLapsed
    reply.entityTag(version)
    return notModified ? reply.code(304).send() : renderProduct(record)
  })
}
