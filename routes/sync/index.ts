import type { FastifyInstance } from 'fastify'
import { deadLetterRoutes } from './dead-letters.ts'
import { passRoutes } from './passes.ts'

/** The sync worker, for administrators. */
export default async function sync(fastify: FastifyInstance): Promise<void> {
  passRoutes(fastify)
  deadLetterRoutes(fastify)
}
