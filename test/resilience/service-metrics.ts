import type { FastifyInstance } from 'fastify'
import type { ServiceMetrics } from '../../plugins/schemas/resilience.ts'

/** What the service says of its breakers, bulkheads and counters. */
export async function metricsOf(server: FastifyInstance): Promise<ServiceMetrics['data']> {
  return (await server.inject('/api/health/metrics')).json<ServiceMetrics>().data
}
