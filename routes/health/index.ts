import type { FastifyInstance } from 'fastify'
import { Health, Liveness } from '../../plugins/schemas/health.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { healthMetricsRoute } from './metrics.ts'
import { readinessRoute } from './readiness.ts'

const example: Health = {
  success: true,
  data: {
    status: 'healthy',
    timestamp: '2026-01-15T09:30:00.000Z',
    uptime: 86_400.25,
    ledger: { status: 'open', sequence: 42, queueDepth: 0 },
    sync: { status: 'running', lag: 0, deadLetters: 0 }
  }
}

const healthSchema = {
  operationId: 'getHealth',
  summary: 'How the service is',
  description:
    'degraded where the ledger does not take writes or the sync worker fails. Always 200: use liveness to decide about restarts.',
  tags: ['health'],
  response: { 200: reference(Health) },
  documentation: { responseExamples: { healthy: example }, errors: [500] }
} as const

const livenessSchema = {
  operationId: 'getLiveness',
  summary: 'Whether the process answers',
  description: 'For an orchestrator: no answer means that the process should be restarted.',
  tags: ['health'],
  response: { 200: reference(Liveness) },
  documentation: { responseExamples: { alive: { status: 'ok' } }, errors: [500] }
} as const

// Who watches over the service has no business with its stock.
const config = { apiKey: 'none' } as const

/** Whether the service works. */
export default async function health(fastify: FastifyInstance): Promise<void> {
  for (const { url, hide } of [
    { url: '/api/health', hide: false },
    { url: '/health', hide: true }
  ]) {
    fastify.get(url, { config, schema: { ...healthSchema, hide } }, async (): Promise<Health> => {
      const { status, sequence, queueDepth } = fastify.ledger.health()
      const sync = await fastify.sync.health()
      return {
        success: true,
        data: {
          status: status === 'open' && sync.status !== 'failed' ? 'healthy' : 'degraded',
          timestamp: new Date(fastify.clock()).toISOString(),
          uptime: process.uptime(),
          ledger: { status, sequence, queueDepth },
          sync
        }
      }
    })
  }

  fastify.get('/api/health/liveness', { config, schema: livenessSchema }, async (): Promise<Liveness> => ({
    status: 'ok'
  }))

  readinessRoute(fastify)
  healthMetricsRoute(fastify)
}
