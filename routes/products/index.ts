import type { FastifyInstance } from 'fastify'
import { productRoute } from './product.ts'
import { productsRoute } from './products.ts'
import { updatesRoute } from './updates.ts'

/** The products of the chain, for the stores that ask. */
export default async function products(fastify: FastifyInstance): Promise<void> {
  productsRoute(fastify)
  productRoute(fastify)
  updatesRoute(fastify)
}
