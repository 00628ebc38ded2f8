import type { FastifyInstance } from 'fastify'
import { Health, Liveness } from '../../plugins/schemas/health.ts'
import { reference } from '../../plugins/schemas/reference.ts'

const example: Health = {
  success: true,
  data: {
    status: 'healthy',
    timestamp: '2026-01-15T09:30:00.000Z',
    uptime: 86_400.25,
    ledger: { status: 'open', sequence: 42, queueDepth: 0 }
  }
}

const healthSchema = {
  operationId: 'getHealth',
  summary: 'How the service is',
  description:
    'degraded where the ledger does not take writes. Always 200: use liveness to decide about restarts.',
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

/** Whether the service works. */
export default async function health(fastify: FastifyInstance): Promise<void> {
  for (const { url, hide } of [
    { url: '/api/health', hide: false },
    { url: '/health', hide: true }
  ]) {
    fastify.get(url, { schema: { ...healthSchema, hide } }, async (): Promise<Health> => {
      const { status, sequence, queueDepth } = fastify.ledger.health()
      return {
        success: true,
        data: {
          status: status === 'open' ? 'healthy' : 'degraded',
          timestamp: new Date(fastify.clock()).toISOString(),
          uptime: process.uptime(),
          ledger: { status, sequence, queueDepth }
        }
      }
    })
  }

  fastify.get('/api/health/liveness', { schema: livenessSchema }, async (): Promise<Liveness> => ({
    status: 'ok'
  }))
}
