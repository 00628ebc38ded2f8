import type { ErrorEnvelope, Problem } from '../errors/schemas.ts'
import { errorKinds, problemType, type ErrorKind } from '../errors/error-kinds.ts'
import type { ErrorStatus } from './documentation.ts'

interface ErrorResponse {
  readonly name: string
  readonly description: string
  readonly kind: ErrorKind
  readonly message: string
  readonly details?: object
  /** Headers besides `x-request-id`. */
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

/** How each error status looks, whatever operation answers it. */
const errorResponses: Record<ErrorStatus, ErrorResponse> = {
  400: {
    name: 'BadRequest',
    description:
      'The request does not fit its schema, or a header is malformed; details lists each field and why.',
    kind: errorKinds.validation,
    message: 'The body is not valid: delta must be integer',
    details: [{ in: 'body', field: 'delta', reason: 'must be integer' }]
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
  500: {
    name: 'InternalServerError',
    description: 'Anything unforeseen; nothing of its cause is told.',
    kind: errorKinds.internal,
    message: 'Something went wrong'
  },
  503: {
    name: 'ServiceUnavailable',
    description: 'Too many writes wait, or the ledger takes none at present.',
    kind: errorKinds.loadShedding,
    message: 'The write queue is full',
    details: { retryAfter: 1 },
    headers: ['Retry-After']
  }
}

/** The reference to the response component of an error status. */
export function errorReference(status: ErrorStatus): { $ref: string } {
  return { $ref: `#/components/responses/${errorResponses[status].name}` }
}

/** Every error response as a component of the document, by name. */
export function errorComponents(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(errorResponses).map(([status, response]) => [
      response.name,
      component(Number(status), response)
    ])
  )
}

function component(statusCode: number, { description, headers = [], ...error }: ErrorResponse): object {
  const names = ['x-request-id', ...headers]
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
