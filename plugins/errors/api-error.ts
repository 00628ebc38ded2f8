import { errorKinds, type ErrorKind } from './error-kinds.ts'

/** Facts for programs: an object, or a list of what is wrong. */
export type ErrorDetails = object | readonly unknown[]

/** One thing that is wrong with a request and where. */
export interface FieldFault {
  readonly in: 'body' | 'path' | 'query' | 'header'
  /** The path of the field within that part, joined by dots; empty for the part as a whole. */
  readonly field: string
  readonly reason: string
}

export interface ErrorFacts {
  readonly statusCode?: number
  readonly details?: ErrorDetails
  /** Milliseconds since the epoch; the instant of answering where it is left out. */
  readonly at?: number
  /** The exact time in seconds after which a retry makes sense; the header gets it rounded up. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An error whose name, code, message and details are meant for the client. */
export class ApiError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  readonly statusCode: number
  readonly details: ErrorDetails | undefined
  readonly at: number | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(kind: ErrorKind, message: string, facts: ErrorFacts = {}) {
    const { stackTraceLimit } = Error
    // Neither the client's own doing nor having too much to do is a fault to be traced, and a stack costs microseconds.
    if (kind.statusCode !== 500) Error.stackTraceLimit = 0
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined)
    Error.stackTraceLimit = stackTraceLimit
    this.kind = kind
    this.name = kind.name
    this.code = kind.code
    this.statusCode = facts.statusCode ?? kind.statusCode
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.details =
      facts.retryAfterSeconds === undefined
        ? facts.details
        : { ...facts.details, retryAfter: facts.retryAfterSeconds }
    this.at = facts.at
  }
}

/** 400. The request does not fit: `details` lists each field and why. */
export function validationError(message: string, details?: ErrorDetails, statusCode = 400): ApiError {
  return new ApiError(errorKinds.validation, message, { statusCode, ...(details && { details }) })
}

/** 401. */
export function unauthorizedError(message: string): ApiError {
  return new ApiError(errorKinds.unauthorized, message)
}

/** 403. */
export function forbiddenError(message: string): ApiError {
  return new ApiError(errorKinds.forbidden, message)
}

/** 404. */
export function notFoundError(message: string, details?: ErrorDetails): ApiError {
  return new ApiError(errorKinds.notFound, message, details && { details })
}

/** 409, or 412 where the operator wants it. */
export function conflictError(
  message: string,
  details: { readonly expected: unknown; readonly actual: unknown },
  statusCode: 409 | 412 = 409
): ApiError {
  return new ApiError(errorKinds.conflict, message, { statusCode, details })
}

/** 409. The key as the caller sent it. */
export function idempotencyConflictError(key: string): ApiError {
  const message = `The idempotency key ${JSON.stringify(key)} was already used for another request`
  return new ApiError(errorKinds.idempotencyConflict, message)
}

/** 410. */
export function goneError(message: string, details: { readonly oldestOffset: number }): ApiError {
  return new ApiError(errorKinds.gone, message, { details })
}

/** 413. */
export function payloadTooLargeError(message: string): ApiError {
  return new ApiError(errorKinds.payloadTooLarge, message)
}

/** 422. */
export function insufficientStockError(
  message: string,
  details: { readonly requested: number; readonly available: number }
): ApiError {
  return new ApiError(errorKinds.insufficientStock, message, { details })
}

/** 429 with Retry-After. */
export function rateLimitError(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError(errorKinds.rateLimit, message, { retryAfterSeconds })
}

/** 503 with Retry-After: a queue is past its bound. */
export function loadSheddingError(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError(errorKinds.loadShedding, message, { retryAfterSeconds })
}

/** 503 with Retry-After: reads go on, writes do not. */
export function circuitOpenError(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError(errorKinds.circuitOpen, message, { retryAfterSeconds })
}

/** 500. The cause is logged and never sent. */
export function internalError(message = 'Something went wrong', cause?: unknown): ApiError {
  return new ApiError(errorKinds.internal, message, { cause })
}
