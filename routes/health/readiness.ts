import type { FastifyInstance } from 'fastify'
import { reference } from '../../plugins/schemas/reference.ts'
import { Readiness } from '../../plugins/schemas/resilience.ts'

const closed = { state: 'closed', failures: 0, threshold: 0.5 } as const

const ready: Readiness = {
  ready: true,
  breakers: { ledger: closed, fileSystem: closed, sync: closed },
  queueDepth: 0,
  criticalBreakersOpen: []
}

const schema = {
  operationId: 'getReadiness',
  summary: 'Whether requests should be sent here',
  description:
    'For a load balancer: 503 while a critical circuit breaker is not closed, so that no write is taken here, and while ' +
    'the server closes. Reads are answered all the same, and a restart would heal nothing: ask liveness about that.',
  tags: ['health'],
  response: {
    200: reference(Readiness),
    503: { description: 'Not now: no write is taken here.', ...reference(Readiness) }
  },
  documentation: { responseExamples: { ready }, errors: [500] }
} as const

export function readinessRoute(fastify: FastifyInstance): void {
  fastify.get('/api/health/readiness', { config: { apiKey: 'none' }, schema }, async (_request, reply) => {
    const { breakers, criticalBreakersOpen } = fastify.resilience
    const { status, queueDepth } = fastify.ledger.health()
    const isReady = status === 'open' && criticalBreakersOpen.length === 0 && !fastify.feed.isClosing
    reply.code(isReady ? 200 : 503)
    const body: Readiness = {
      ready: isReady,
      breakers: Object.fromEntries(
        [...breakers.values()].map(({ name, state, failures, threshold }) => [
          name,
          { state, failures, threshold }
        ])
      ),
      queueDepth,
      criticalBreakersOpen: [...criticalBreakersOpen]
    }
    return body
  })
}
