import type { FastifyInstance } from 'fastify'
import { forbiddenError } from '../../plugins/errors/api-error.ts'
import { CounterReport, CountersReset } from '../../plugins/schemas/metrics.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { counted, resetDone } from './examples.ts'

const tags = ['metrics']

const reportSchema = {
  operationId: 'getMetrics',
  summary: 'What was counted',
  description:
    'Since the start of the service, of all its processes together, or since the last reset. These and many more figures are shown to Prometheus ' +
    'at a port of its own, where they are never reset.',
  tags,
  response: { 200: reference(CounterReport) },
  documentation: { responseExamples: { 'after a day': counted }, errors: [500] }
} as const

const resetSchema = {
  operationId: 'resetMetrics',
  summary: 'Count from zero again',
  description:
    'What Prometheus is shown goes on as if nothing had happened. In production this is refused without the key of an administrator, ' +
    'also where the service has no keys.',
  tags,
  response: { 200: reference(CountersReset) },
  documentation: { responseExamples: { done: resetDone }, errors: [400, 403, 413, 415, 500] }
} as const

/** The counters, for people and scripts. */
export default async function metrics(fastify: FastifyInstance): Promise<void> {
  const { environment } = fastify.configuration

  fastify.get('/api/metrics', { schema: reportSchema }, async (): Promise<CounterReport> => {
    const counters = await fastify.metrics.counters()
    return {
      success: true,
      data: { ...counters, timestamp: instant(fastify.clock()), uptime: process.uptime() }
    }
  })

  fastify.post(
    '/api/metrics/reset',
    { schema: resetSchema, config: { apiKey: 'admin' } },
    async ({ caller }): Promise<CountersReset> => {
      if (environment === 'production' && caller.kind !== 'admin') {
        throw forbiddenError("In production this needs an administrator's API key")
      }
      await fastify.metrics.reset()
      return resetDone
    }
  )
}
