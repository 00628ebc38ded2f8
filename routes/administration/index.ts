import type { FastifyInstance } from 'fastify'
import { logLevelRoutes } from './log-level.ts'
import { rateLimitStatusRoute } from './rate-limit-status.ts'

/** How the service is doing, for its administrators. */
export default async function administration(fastify: FastifyInstance): Promise<void> {
  rateLimitStatusRoute(fastify)
  logLevelRoutes(fastify)
}
