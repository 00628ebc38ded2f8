import type { FastifyInstance } from 'fastify'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { ServiceMetrics } from '../../plugins/schemas/resilience.ts'
import { counters } from '../metrics/examples.ts'

const breaker = { state: 'closed', failures: 0, threshold: 0.5, openings: 0 } as const

const example: ServiceMetrics = {
  success: true,
  data: {
    counters,
    requests: { active: 1, queued: 0, limit: 16, queueMax: 50, refused: 0, longPolls: 0 },
    pressure: {
      eventLoopDelayMs: 0.4,
      eventLoopUtilization: 0.12,
      heapUsedBytes: 41_943_040,
      rssBytes: 104_857_600,
      isShedding: false,
      refused: 0
    },
    breakers: { ledger: breaker, fileSystem: breaker, sync: breaker },
    bulkheads: {
      api: { limit: 16, active: 0, queued: 0, queueMax: 100, refused: 0 },
      fileSystem: { limit: 8, active: 0, queued: 0, queueMax: 200, refused: 0 },
      sync: { limit: 4, active: 0, queued: 0, queueMax: 50, refused: 0 }
    },
    timestamp: '2026-01-15T09:30:00.000Z',
    uptime: 86_400.25
  }
}

const schema = {
  operationId: 'getHealthMetrics',
  summary: 'What the service does with faults and overload',
  description:
    'Circuit breakers, bulkheads, requests under way and the load of the process, with what they have turned away; and ' +
    'the counters of the service.',
  tags: ['health'],
  response: { 200: reference(ServiceMetrics) },
  documentation: { responseExamples: { 'all is well': example }, errors: [500] }
} as const

export function healthMetricsRoute(fastify: FastifyInstance): void {
  fastify.get(
    '/api/health/metrics',
    { config: { apiKey: 'none' }, schema },
    async (): Promise<ServiceMetrics> => {
      const { breakers, bulkheads } = fastify.resilience
      const { requests, pressure } = fastify.loadShedding
      return {
        success: true,
        data: {
          counters: await fastify.metrics.counters(),
          requests: { ...requests, longPolls: fastify.feed.waiting },
          pressure,
          breakers: byName([...breakers.values()], ({ state, failures, threshold, openings }) => {
            return { state, failures, threshold, openings }
          }),
          bulkheads: byName([...bulkheads.values()], ({ limit, active, queued, queueMax, refused }) => {
            return { limit, active, queued, queueMax, refused }
          }),
          timestamp: instant(fastify.clock()),
          uptime: process.uptime()
        }
      }
    }
  )
}

function byName<Named extends { readonly name: string }, Facts>(
  all: readonly Named[],
  factsOf: (one: Named) => Facts
): Record<string, Facts> {
  return Object.fromEntries(all.map((one) => [one.name, factsOf(one)]))
}
