import type { FastifyInstance } from 'fastify'
import { listedClientsMax, RateLimitStatus } from '../../plugins/schemas/administration-limits.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { reference } from '../../plugins/schemas/reference.ts'

const example: RateLimitStatus = {
  enabled: true,
  type: 'ip',
  requestsPerMinute: 100,
  adminRequestsPerMinute: 50,
  currentClients: [
    {
      clientId: '203.0.113.7',
      requestCount: 100,
      windowStart: '2026-01-15T09:30:00.000Z',
      isBlocked: true
    },
    {
      clientId: '2001:db8:7:1::/64',
      requestCount: 3,
      windowStart: '2026-01-15T09:30:12.345Z',
      isBlocked: false
    }
  ]
}

const schema = {
  operationId: 'getRateLimitStatus',
  summary: 'The limits and whom they count',
  description:
    'The limits of the central API and of administration, and the clients of the central API that count now.',
  tags: ['administration'],
  response: { 200: reference(RateLimitStatus) },
  documentation: { responseExamples: { 'two clients': example }, errors: [500] }
} as const

export function rateLimitStatusRoute(fastify: FastifyInstance): void {
  const { enabled, type, requestsPerMinute, adminRequestsPerMinute } = fastify.configuration.rateLimit

  fastify.get(
    '/v1/admin/rate-limit/status',
    { schema, config: { apiKey: 'admin' } },
    async (): Promise<RateLimitStatus> => {
      const clients = await fastify.rateLimits.centralClients(listedClientsMax)
      return {
        enabled,
        type,
        requestsPerMinute,
        adminRequestsPerMinute,
        currentClients: clients.map(({ windowStart, ...client }) => ({
          ...client,
          windowStart: instant(windowStart)
        }))
      }
    }
  )
}
