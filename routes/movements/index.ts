import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LineResult } from '../../domain/unit.ts'
import type { LeaseRequest } from '../../plugins/lease-locks/plugin.ts'
import { MovementsRequest, MovementsResult } from '../../plugins/schemas/movements.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import { requireNoEntityTags } from '../inventory/entity-tags.ts'
import { leasesOf } from '../inventory/leases.ts'
import { answerUnit } from '../inventory/unit-answer.ts'
import { invoice, journal, journalResult } from './examples.ts'
import { lineOf } from './lines.ts'
import { renderResults } from './results.ts'

const bodyLimitBytes = 8 * 1024 * 1024

const schema = {
  operationId: 'postMovements',
  summary: 'Many movements at once',
  description:
    'Decides 1 to 10,000 movements in their order, each against the effect of those before it, and answers 200 with what ' +
    'became of each. With atomic: true it is all or nothing: the first refusal answers with its own status, and ' +
    'details.line says which movement it was, counted from 0. Versions are expected per movement, by expectedVersion.',
  tags: ['stock'],
  body: reference(MovementsRequest),
  response: { 200: reference(MovementsResult) },
  documentation: {
    requestHeaders: ['Idempotency-Key'],
    responseHeaders: ['Idempotency-Replayed'],
    requestExamples: { 'each on its own': journal, 'all or nothing': invoice },
    responseExamples: { 'each on its own': journalResult },
    errors: [400, 404, 409, 412, 413, 415, 422, 500, 503]
  }
} as const

/** Batches of movements over any records. */
export default async function movements(fastify: FastifyInstance): Promise<void> {
  fastify.post<{ Body: MovementsRequest }>(
    '/api/inventory/movements',
    {
      schema,
      bodyLimit: bodyLimitBytes,
      config: { idempotency: { mode: 'transactional', operation: schema.operationId }, leases: leasesOfLines }
    },
    async (request, reply): Promise<MovementsResult> => {
      requireNoEntityTags(request, 'give expectedVersion in each movement')
      const { movements: given, atomic = false } = request.body
      const at = fastify.clock()
      const lines = given.map((movement) => lineOf(request, movement, at))
      const answer = await answerUnit(fastify, request, reply, { at, lines, atomic })
      if (answer.refusedLine === undefined) return renderResults(fastify, given, answer)
      const refused = answer.results[0] as Extract<LineResult, { applied: false }>
      throw fastify.refusalError(refused.refusal, answer.at, answer.refusedLine)
    }
  )
}

function leasesOfLines(request: FastifyRequest): LeaseRequest {
  const { movements: given } = request.body as MovementsRequest
  const keys = given.map(({ storeId, sku }) => ({ space: storeId, name: sku }))
  const lineKeys = given.map(({ idempotencyKey }) => idempotencyKey)
  return leasesOf(request, keys, lineKeys)
}
