/** The key is not 1 to 255 visible ASCII characters. */
export class MalformedIdempotencyKeyError extends Error {
  override readonly name = 'MalformedIdempotencyKeyError'
  readonly code = 'MALFORMED_IDEMPOTENCY_KEY'
  readonly statusCode = 400
  readonly details: readonly { readonly in: string; readonly field: string; readonly reason: string }[]

  constructor(place: 'header' | 'body') {
    const field = place === 'header' ? 'Idempotency-Key' : 'idempotencyKey'
    const reason = 'must be 1 to 255 visible ASCII characters'
    super(`${field} ${reason}`)
    this.details = [{ in: place, field, reason }]
  }
}

/** The body has no canonical form (RFC 8785), so that a repetition could not be told from another request. */
export class UncanonicalBodyError extends Error {
  override readonly name = 'UncanonicalBodyError'
  readonly code = 'UNCANONICAL_BODY'
  readonly statusCode = 400

  constructor(cause: unknown) {
    super('With an idempotency key, the body must have a canonical form (RFC 8785)', { cause })
  }
}

/** The same key came with another request. */
export class IdempotencyConflictError extends Error {
  override readonly name = 'IdempotencyConflictError'
  readonly code = 'IDEMPOTENCY_CONFLICT_ERROR'
  readonly statusCode = 409

  constructor(key: string) {
    super(`The idempotency key ${JSON.stringify(key)} was already used for another request`)
  }
}
