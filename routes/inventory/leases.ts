import type { FastifyRequest } from 'fastify'
import type { LeaseRequest } from '../../plugins/lease-locks/plugin.ts'
import type { RecordParams } from '../../plugins/schemas/requests.ts'

/** The lease of the record that the path names. */
export function recordLease(request: FastifyRequest): LeaseRequest {
  const { storeId, sku } = request.params as RecordParams
  return leasesOf(request, [{ space: storeId, name: sku }])
}

/**
 * The leases of a request, which one that repeats it shares: it is to wait for the answer of the first, not to be turned
 * away. `lineKeys` are the keys of its lines: where all lines have one, they say as well as a header that it is the same.
 */
export function leasesOf(
  request: FastifyRequest,
  keys: LeaseRequest['keys'],
  lineKeys: readonly (string | undefined)[] = []
): LeaseRequest {
  const identity = request.idempotencyIdentity
  if (identity !== null) return { keys, holder: identity.key }
  if (lineKeys.length === 0 || lineKeys.includes(undefined)) return { keys }
  // No key holds a space.
  return { keys, holder: `${request.caller.id} ${lineKeys.join(' ')}` }
}
