import type { ErrorEnvelope, Problem } from '../errors/schemas.ts'
import { errorKinds, problemType, type ErrorKind } from '../errors/error-kinds.ts'
import type { ErrorStatus } from './documentation.ts'
import { rateLimitHeaders } from './headers.ts'

/** Of the statuses that the want of a lease has, those of operations that take leases are responses of their own. */
type ResponseKey = ErrorStatus | 'lease 429' | 'lease 503'

interface ErrorResponse {
  readonly name: string
  readonly description: string
  readonly kind: ErrorKind
  readonly message: string
  readonly details?: object
  /** Headers besides `x-request-id` and those of the limits. */
  readonly headers?: readonly string[]
}

// What speaks of stock is remembered under a key and may be a replay.
const remembered = { headers: ['Idempotency-Replayed'] }

const record = 'The record of SKU "SKU123" in store "STORE001"'
const expectation = {
  kind: errorKinds.conflict,
  message: `${record}: expected version 1, actual version 2`,
  details: { expected: 1, actual: 2 }
}

const leaseHeld = {
  kind: errorKinds.lockRejection,
  message: 'Another request holds the lease of "SKU123" in "STORE001"',
  details: { sku: 'SKU123', retryAfter: 0.3 },
  headers: ['Retry-After', 'X-Lock-Key']
}

/** How each error status looks, whatever operation answers it. */
const errorResponses: Record<ResponseKey, ErrorResponse> = {
  400: {
    name: 'BadRequest',
    description:
      'The request does not fit its schema, or a header is malformed; details lists each field and why.',
    kind: errorKinds.validation,
    message: 'The body is not valid: delta must be integer',
    details: [{ in: 'body', field: 'delta', reason: 'must be integer' }]
  },
  401: {
    name: 'Unauthorized',
    description: 'The service has API keys, and none or an unknown one came.',
    kind: errorKinds.unauthorized,
    message: 'An API key is needed, in the header X-API-Key',
    headers: ['WWW-Authenticate']
  },
  403: {
    name: 'Forbidden',
    description: "The API key is known but no administrator's.",
    kind: errorKinds.forbidden,
    message: "This needs an administrator's API key"
  },
  404: {
    name: 'NotFound',
    description: 'There is no such record or open reservation.',
    kind: errorKinds.notFound,
    message: 'There is no record of SKU "SKU123" in store "STORE001"',
    ...remembered
  },
  409: {
    name: 'Conflict',
    description: 'The version is not the expected one, or the idempotency key was used for another request.',
    ...expectation,
    ...remembered
  },
  410: {
    name: 'Gone',
    description: 'Offsets below details.oldestOffset are no longer kept.',
    kind: errorKinds.gone,
    message: 'The events from offset 1 on are no longer kept: the oldest is 1001',
    details: { oldestOffset: 1001 }
  },
  412: {
    name: 'PreconditionFailed',
    description:
      'The version is not the expected one, where the operator set PRECONDITION_FAILED_STATUS=412.',
    ...expectation,
    ...remembered
  },
  413: {
    name: 'PayloadTooLarge',
    description: 'The body is larger than the limit.',
    kind: errorKinds.payloadTooLarge,
    message: 'Request body is too large'
  },
  415: {
    name: 'UnsupportedMediaType',
    description: 'The body is not application/json.',
    kind: errorKinds.validation,
    message: 'Unsupported Media Type'
  },
  422: {
    name: 'UnprocessableContent',
    description: 'The quantity would fall below zero, or more is asked of a reservation than it holds.',
    kind: errorKinds.insufficientStock,
    message: `${record}: requested 101, available 100`,
    details: { requested: 101, available: 100 },
    ...remembered
  },
  429: {
    name: 'TooManyRequests',
    description:
      'More requests came than the limit allows; details.retryAfter has the exact seconds to wait.',
    kind: errorKinds.rateLimit,
    message: 'Too many requests to the central API: the limit is 100 in 60 s from one address',
    details: { retryAfter: 12.345 },
    headers: ['Retry-After']
  },
  500: {
    name: 'InternalServerError',
    description: 'Anything unforeseen; nothing of its cause is told.',
    kind: errorKinds.internal,
    message: 'Something went wrong'
  },
  503: {
    name: 'ServiceUnavailable',
    description:
      'LoadSheddingError: too much is asked of the server at once. CircuitOpenError: what is asked for does not work at ' +
      'present, and is tried again by itself; reads still work. Come again after Retry-After.',
    kind: errorKinds.loadShedding,
    message: 'Too many requests wait for their turn',
    details: { retryAfter: 1 },
    headers: ['Retry-After']
  },
  'lease 429': {
    name: 'TooManyWrites',
    description:
      'RateLimitError: more requests came than the limit allows. LockRejectionError, where the operator set ' +
      'LOCK_REJECT_STATUS=429: another request holds the lease of the SKU that X-Lock-Key names. details.retryAfter has ' +
      'the exact seconds to wait.',
    ...leaseHeld
  },
  'lease 503': {
    name: 'WriteUnavailable',
    description:
      'LoadSheddingError: too much is asked of the server at once. CircuitOpenError: writes do not work at present; reads ' +
      'still do. LockRejectionError, where the operator set LOCKS_ENABLED=true: another request holds the lease of the SKU ' +
      'that X-Lock-Key names. Come again after Retry-After.',
    ...leaseHeld
  }
}

/** The reference to the response component of an error status, of an operation that takes leases or of another. */
export function errorReference(status: ErrorStatus, takesLeases: boolean): { $ref: string } {
  const key = takesLeases && (status === 429 || status === 503) ? (`lease ${status}` as const) : status
  const { name } = errorResponses[key]
  return { $ref: `#/components/responses/${name}` }
}

/** Every error response as a component of the document, by name. */
export function errorComponents(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(errorResponses).map(([status, response]) => [
      response.name,
      component(Number(status.replace('lease ', '')), response)
    ])
  )
}

interface Component {
  readonly description: string
  readonly headers: Record<string, object>
  readonly content: Record<string, Record<string, unknown>>
}

/** The response of an error status, whatever operation answers it. */
export function errorComponent(status: ErrorStatus): Component {
  return component(status, errorResponses[status])
}

function component(statusCode: number, { description, headers = [], ...error }: ErrorResponse): Component {
  const names = ['x-request-id', ...rateLimitHeaders, ...headers]
  return {
    description,
    headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/ErrorEnvelope' },
        example: envelope(statusCode, error)
      },
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: problem(statusCode, error)
      }
    }
  }
}

type Facts = Pick<ErrorResponse, 'kind' | 'message' | 'details'>
const timestamp = '2026-01-15T09:30:00.000Z'

function envelope(statusCode: number, { kind, message, details }: Facts): ErrorEnvelope {
  const { name, code } = kind as ErrorKind & Pick<ErrorEnvelope['error'], 'name' | 'code'>
  return {
    success: false,
    error: { name, message, code, statusCode, timestamp, ...(details !== undefined && { details }) }
  }
}

function problem(status: number, { kind, message: detail, details }: Facts): Problem {
  const { name, code, title } = kind as ErrorKind & Pick<Problem, 'name' | 'code'>
  const facts = { type: problemType(name), title, status, detail, code, name, timestamp }
  return details === undefined ? facts : { ...facts, details }
}
