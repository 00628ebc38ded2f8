import type { FastifyRequest } from 'fastify'
import { validationError } from '../../plugins/errors/api-error.ts'

/**
 * A request about many records has no version that a header could speak of, and a precondition must never be ignored.
 * Throws a ValidationError where there is one; `instead` says how to ask for versions.
 */
export function requireNoEntityTags({ headers }: FastifyRequest, instead: string): void {
  for (const field of ['If-Match', 'If-None-Match']) {
    if (headers[field.toLowerCase()] === undefined) continue
    const reason = `is not for batches: ${instead}`
    throw validationError(`${field} ${reason}`, [{ in: 'header', field, reason }])
  }
}
