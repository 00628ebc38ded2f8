import type { FastifyRequest } from 'fastify'
import type { Precondition } from '../../domain/commands.ts'
import type { Line } from '../../domain/unit.ts'
import type { UpdateOfBatch } from '../../plugins/schemas/updates.ts'

export interface Asking {
  /** The store whose records are the products. */
  readonly centralStoreId: string
  /** The store that asks. */
  readonly storeId: string
}

/**
 * The line that an update asks for, under its own key: the same one whether it is sent alone or in a batch. Products
 * are created by administrators only, so an update of none is refused.
 */
export function lineOf(
  request: FastifyRequest,
  { centralStoreId, storeId }: Asking,
  { productId, delta, version, idempotencyKey }: UpdateOfBatch,
  precondition: Precondition = { kind: 'version', version }
): Line {
  const type = 'adjust'
  const sku = productId
  const existingOnly = true
  return {
    // Written out: of a batch there are a thousand of them.
    command:
      storeId === centralStoreId
        ? { storeId: centralStoreId, type, sku, delta, precondition, existingOnly }
        : { storeId: centralStoreId, askedBy: storeId, type, sku, delta, precondition, existingOnly },
    // Ids hold no control characters, so the parts cannot run into each other.
    identity: request.lineIdentity(idempotencyKey, `update\n${delta}\n${version}\n${storeId}\n${productId}`)
  }
}
