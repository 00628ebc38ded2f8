import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Command } from '../../domain/commands.ts'
import type { LineResult } from '../../domain/unit.ts'
import type { ProductResult } from '../../plugins/schemas/catalogue.ts'
import { requireNoEntityTags } from '../inventory/entity-tags.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import { answerUnit } from '../inventory/unit-answer.ts'
import { refusalType } from '../products/refusal-types.ts'

export interface CatalogueAnswer {
  /** In the order of the commands. */
  readonly results: ProductResult[]
  readonly succeeded: number
  readonly failed: number
}

/** Carries out the commands in one unit, each on its own, and says what became of each product. */
export async function answerEach(
  fastify: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  commands: readonly Command[]
): Promise<CatalogueAnswer> {
  requireNoEntityTags(request, 'a version, where the operation takes one, stands beside its product')
  const lines = commands.map((command) => ({ command }))
  const answer = await answerUnit(fastify, request, reply, { at: fastify.clock(), lines, atomic: false })
  const results = answer.results.map((result, index) =>
    renderResult(fastify, (commands[index] as Command).sku, result, answer.at)
  )
  const succeeded = answer.results.filter(({ applied }) => applied).length
  return { results, succeeded, failed: results.length - succeeded }
}

function renderResult(
  fastify: FastifyInstance,
  productId: string,
  result: LineResult,
  at: number
): ProductResult {
  if (result.applied) {
    const { version: newVersion, updatedAt } = result.record
    return { productId, success: true, newVersion, lastUpdated: instant(updatedAt) }
  }
  const { refusal } = result
  const { message: errorMessage } = fastify.refusalError(refusal, at)
  return { productId, success: false, errorType: refusalType(refusal), errorMessage }
}
