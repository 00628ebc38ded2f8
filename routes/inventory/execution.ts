import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Command } from '../../domain/commands.ts'
import type { LineResult } from '../../domain/unit.ts'
import type { ReservationResult, StockResult } from '../../plugins/schemas/stock.ts'
import { renderRecord, renderReservation } from './rendering.ts'
import { answerUnit } from './unit-answer.ts'

/**
 * Executes one command as a unit of its own, under the request's idempotency key if it has one, and gives the body of
 * the answer: for a replay, the same one again. Throws the error of a refusal.
 */
export async function execute(
  fastify: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
  at: number
): Promise<StockResult | ReservationResult> {
  const answer = await answerUnit(fastify, request, reply, { at, lines: [{ command }], atomic: false })
  const result = answer.results[0] as LineResult
  if (!result.applied) throw fastify.refusalError(result.refusal, answer.at)

  const { record, reservation } = result
  reply.entityTag(record.version)
  const body = {
    success: true,
    newQuantity: record.qty,
    newVersion: record.version,
    record: renderRecord(record)
  } as const
  return reservation === undefined ? body : { ...body, reservation: renderReservation(reservation) }
}
