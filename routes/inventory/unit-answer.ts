import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Unit } from '../../domain/unit.ts'
import { logOutcome } from './outcome-lines.ts'

/**
 * Executes a unit under the request's idempotency key if it has one, and says so where the answer is a replay. Throws
 * the error of a key that was used for another request, and of a lease that was lost meanwhile: then nothing is done.
 */
export async function answerUnit(
  fastify: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  unit: Pick<Unit, 'at' | 'lines' | 'atomic'>
): Promise<Answer> {
  if (request.leases) await request.leases.requireHeld()
  const identity = request.idempotencyIdentity
  const whole: Unit = identity === null ? unit : { ...unit, identity }
  const trace = fastify.tracing?.unitTrace(request)
  const outcome = await fastify.ledger.execute(trace === undefined ? whole : { ...whole, trace })
  fastify.countOutcome(unit.lines, outcome)
  logOutcome(request.log, unit.lines, outcome)
  if (outcome.kind === 'key_conflict') {
    throw fastify.refusalError({ code: 'idempotency_conflict', key: outcome.key }, unit.at)
  }
  if (outcome.replayed) reply.idempotencyReplayed()
  return outcome.answer
}
