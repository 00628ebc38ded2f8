export interface ErrorKind {
  readonly name: string
  readonly code: string
  /** The status it has unless the operator or the cause says otherwise. */
  readonly statusCode: number
  /** The title of the RFC 9457 problem type. */
  readonly title: string
}

/** Every error that a client can be given. */
export const errorKinds = {
  validation: {
    name: 'ValidationError',
    code: 'VALIDATION_ERROR',
    statusCode: 400,
    title: 'The request is not valid'
  },
  unauthorized: {
    name: 'UnauthorizedError',
    code: 'UNAUTHORIZED_ERROR',
    statusCode: 401,
    title: 'An API key is needed'
  },
  forbidden: {
    name: 'ForbiddenError',
    code: 'FORBIDDEN_ERROR',
    statusCode: 403,
    title: 'The API key does not allow this'
  },
  notFound: { name: 'NotFoundError', code: 'NOT_FOUND_ERROR', statusCode: 404, title: 'Not found' },
  conflict: {
    name: 'ConflictError',
    code: 'CONFLICT_ERROR',
    statusCode: 409,
    title: 'The version is not the expected one'
  },
  idempotencyConflict: {
    name: 'IdempotencyConflictError',
    code: 'IDEMPOTENCY_CONFLICT_ERROR',
    statusCode: 409,
    title: 'The idempotency key was used for another request'
  },
  gone: { name: 'GoneError', code: 'GONE_ERROR', statusCode: 410, title: 'No longer kept' },
  payloadTooLarge: {
    name: 'PayloadTooLargeError',
    code: 'PAYLOAD_TOO_LARGE_ERROR',
    statusCode: 413,
    title: 'The body is too large'
  },
  insufficientStock: {
    name: 'InsufficientStockError',
    code: 'INSUFFICIENT_STOCK_ERROR',
    statusCode: 422,
    title: 'Not enough stock'
  },
  rateLimit: {
    name: 'RateLimitError',
    code: 'RATE_LIMIT_ERROR',
    statusCode: 429,
    title: 'Too many requests'
  },
  loadShedding: {
    name: 'LoadSheddingError',
    code: 'LOAD_SHEDDING_ERROR',
    statusCode: 503,
    title: 'Too busy'
  },
  circuitOpen: {
    name: 'CircuitOpenError',
    code: 'CIRCUIT_OPEN_ERROR',
    statusCode: 503,
    title: 'Writes are not possible now'
  },
  lockRejection: {
    name: 'LockRejectionError',
    code: 'LOCK_REJECTION_ERROR',
    statusCode: 503,
    title: 'The SKU is locked by another request'
  },
  internal: {
    name: 'InternalError',
    code: 'INTERNAL_ERROR',
    statusCode: 500,
    title: 'Internal error'
  }
} as const satisfies Record<string, ErrorKind>

type AnyKind = (typeof errorKinds)[keyof typeof errorKinds]

export type ErrorName = AnyKind['name']

export type ErrorCode = AnyKind['code']

/** The URN that names the problem type, for example `urn:bincard:error:insufficient-stock`. */
export function problemType(name: string): string {
  const words = name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '-')
  return `urn:bincard:error:${words.toLowerCase()}`
}
