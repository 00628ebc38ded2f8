import type { FastifyInstance } from 'fastify'
import type { Answer, LineResult } from '../../domain/unit.ts'
import type {
  Movement,
  MovementError,
  MovementResult,
  MovementsResult
} from '../../plugins/schemas/movements.ts'
import { renderReservation } from '../inventory/rendering.ts'

/** The body that answers these movements, in their order. */
export function renderResults(
  fastify: FastifyInstance,
  movements: readonly Movement[],
  { at, results }: Answer
): MovementsResult {
  let applied = 0
  const rendered: MovementResult[] = []
  for (const [index, result] of results.entries()) {
    if (result.applied) applied += 1
    rendered.push(renderResult(fastify, movements[index] as Movement, result, at))
  }
  const summary = { total: results.length, applied, failed: results.length - applied }
  return { success: true, results: rendered, summary }
}

function renderResult(
  fastify: FastifyInstance,
  { storeId, sku }: Movement,
  result: LineResult,
  at: number
): MovementResult {
  if (!result.applied) {
    const { qty: newQuantity, version: newVersion } = result.current
    const error = renderError(fastify, result, at)
    return { storeId, sku, applied: false, newQuantity, newVersion, error }
  }
  const { record, reservation } = result
  const { qty: newQuantity, version: newVersion } = record
  if (reservation === undefined) return { storeId, sku, applied: true, newQuantity, newVersion }
  return { storeId, sku, applied: true, newQuantity, newVersion, reservation: renderReservation(reservation) }
}

function renderError(
  fastify: FastifyInstance,
  { refusal }: Extract<LineResult, { applied: false }>,
  at: number
): MovementError {
  const { name, message, code, statusCode, details } = fastify.refusalError(refusal, at)
  return details === undefined
    ? { name, message, code, statusCode }
    : { name, message, code, statusCode, details }
}
