import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Unit } from '../../domain/unit.ts'
import type { LeaseRequest } from '../../plugins/lease-locks/plugin.ts'
import { reference } from '../../plugins/schemas/reference.ts'
import {
  RefusedUpdate,
  UpdateAnswer,
  UpdateRequest,
  type AppliedUpdate,
  type BatchUpdate,
  type SingleUpdate,
  type UpdateResults
} from '../../plugins/schemas/updates.ts'
import { requireNoEntityTags } from '../inventory/entity-tags.ts'
import { leasesOf } from '../inventory/leases.ts'
import { answerUnit } from '../inventory/unit-answer.ts'
import { batch, batchResults, single, singleApplied, singleRefused } from './examples.ts'
import { lineOf, type Asking } from './lines.ts'
import { renderApplied, renderRefused, renderResults, type Refused } from './results.ts'

const schema = {
  operationId: 'postUpdates',
  summary: 'Change the quantities of products',
  description:
    'One change, or 1 to 1,000 in `updates`, each decided on the version that its caller knows and at most once under its ' +
    'idempotencyKey. A batch answers 200 with what became of each; with atomic: true it is all or nothing. A refused ' +
    'single change, or atomic batch, answers with the status of its refusal and the product as it is now.',
  tags: ['products'],
  body: reference(UpdateRequest),
  response: { 200: reference(UpdateAnswer) },
  documentation: {
    requestHeaders: ['Idempotency-Key', 'If-Match'],
    responseHeaders: ['Idempotency-Replayed'],
    requestExamples: { 'one change': single, 'several changes': batch },
    responseExamples: { 'one change': singleApplied, 'several changes': batchResults },
    errors: [400, 404, 409, 412, 413, 415, 422, 500, 503],
    refusal: {
      schema: RefusedUpdate.$id as string,
      statuses: [400, 404, 409, 412, 422],
      example: singleRefused
    }
  }
} as const

export function updatesRoute(fastify: FastifyInstance): void {
  fastify.post<{ Body: SingleUpdate | BatchUpdate }>(
    '/v1/inventory/updates',
    {
      schema,
      config: {
        idempotency: { mode: 'transactional', operation: schema.operationId },
        leases: (request) => leasesOfUpdates(request, fastify.configuration.centralStoreId)
      }
    },
    (request, reply) =>
      'updates' in request.body
        ? answerBatch(fastify, request, reply, request.body)
        : answerSingle(fastify, request, reply, request.body)
  )
}

function leasesOfUpdates(request: FastifyRequest, space: string): LeaseRequest {
  const body = request.body as SingleUpdate | BatchUpdate
  const updates = 'updates' in body ? body.updates : [body]
  const keys = updates.map(({ productId }) => ({ space, name: productId }))
  return leasesOf(
    request,
    keys,
    updates.map(({ idempotencyKey }) => idempotencyKey)
  )
}

async function answerSingle(
  fastify: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  update: SingleUpdate
): Promise<AppliedUpdate | FastifyReply> {
  const precondition = request.precondition(update.version)
  const line = lineOf(request, asking(fastify, update), update, precondition)
  // Who names the same key twice, in the header and in the body, means one.
  if (request.idempotencyIdentity?.key === line.identity?.key) request.idempotencyIdentity = null
  const unit = { at: fastify.clock(), lines: [line], atomic: false }
  const answer = await answerUnit(fastify, request, reply, unit)
  const [result] = answer.results
  if (result?.replayed === true) reply.idempotencyReplayed()
  if (result?.applied === true) return renderApplied(update.productId, result)
  return sendRefused(fastify, reply, update.productId, answer)
}

async function answerBatch(
  fastify: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  given: BatchUpdate
): Promise<UpdateResults | FastifyReply> {
  requireNoEntityTags(request, 'give the version in each update')
  const { updates, atomic = false } = given
  const from = asking(fastify, given)
  const lines = updates.map((update) => lineOf(request, from, update))
  const unit: Unit = { at: fastify.clock(), lines, atomic }
  const answer = await answerUnit(fastify, request, reply, unit)
  if (answer.refusedLine === undefined) return renderResults(fastify, updates, answer)
  const { productId } = updates[answer.refusedLine] as BatchUpdate['updates'][number]
  return sendRefused(fastify, reply, productId, answer)
}

function asking(fastify: FastifyInstance, { storeId }: { readonly storeId: string }): Asking {
  return { centralStoreId: fastify.configuration.centralStoreId, storeId }
}

/** Answers a refusal with its own status; it is a result, not an error, so that the caller knows what to try next. */
function sendRefused(
  fastify: FastifyInstance,
  reply: FastifyReply,
  productId: string,
  { at, results, refusedLine }: Answer
): FastifyReply {
  const refused = results[0] as Refused
  const { statusCode } = fastify.refusalError(refused.refusal, at)
  const body = renderRefused(fastify, productId, refused, at)
  return reply.code(statusCode).send(refusedLine === undefined ? body : { ...body, line: refusedLine })
}
