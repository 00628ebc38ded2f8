import type { FastifyInstance } from 'fastify'
import type { Answer, LineResult } from '../../domain/unit.ts'
import type {
  AppliedUpdate,
  RefusedUpdate,
  UpdateOfBatch,
  UpdateResult,
  UpdateResults
} from '../../plugins/schemas/updates.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { refusalType } from './refusal-types.ts'

export type Applied = Extract<LineResult, { applied: true }>
export type Refused = Extract<LineResult, { applied: false }>

export function renderApplied(productId: string, { record }: Applied): AppliedUpdate {
  const { qty: newQuantity, version: newVersion, updatedAt } = record
  return { productId, newQuantity, newVersion, applied: true, lastUpdated: instant(updatedAt) }
}

/** The refusal with the product as it is, so that the caller can try again. */
export function renderRefused(
  fastify: FastifyInstance,
  productId: string,
  { refusal, current }: Refused,
  at: number
): RefusedUpdate {
  const { qty: newQuantity, version: newVersion } = current
  const { message: errorMessage } = fastify.refusalError(refusal, at)
  return { productId, newQuantity, newVersion, applied: false, errorType: refusalType(refusal), errorMessage }
}

/** The body that answers these updates, in their order. */
export function renderResults(
  fastify: FastifyInstance,
  updates: readonly UpdateOfBatch[],
  { at, results }: Answer
): UpdateResults {
  let applied = 0
  const rendered = results.map((result, index): UpdateResult => {
    const { productId } = updates[index] as UpdateOfBatch
    if (!result.applied) return renderRefused(fastify, productId, result, at)
    applied += 1
    return renderApplied(productId, result)
  })
  return {
    results: rendered,
    summary: { totalRequests: results.length, applied, failed: results.length - applied }
  }
}
