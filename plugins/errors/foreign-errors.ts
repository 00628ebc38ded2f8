import type { FastifyReply, FastifySchemaValidationError } from 'fastify'

import { EventsGoneError, LedgerError } from '../../domain/ledger.ts'
import { SyncError } from '../../domain/synchronization.ts'
import {
  ApiError,
  circuitOpenError,
  goneError,
  internalError,
  loadSheddingError,
  type ErrorDetails,
  type ErrorFacts
} from './api-error.ts'
import { errorKinds, type ErrorKind } from './error-kinds.ts'
import { validationErrorOf } from './validation-faults.ts'

/** When a caller who was turned away may try again, unless whoever turned it away said so. */
const retryAfterSeconds = 1

const unknownOutcome =
  'whether this request took effect is not known; send it again with the same Idempotency-Key to learn it'

const syncFailures: Record<SyncError['code'], string> = {
  busy: 'Another process makes a pass now',
  failed: 'The sync worker is not there; it is being started again',
  closed: 'The server is shutting down',
  crowded: 'Too many requests wait for the sync worker',
  circuit_open: 'The sync worker fails again and again, and is left alone for a while'
}

const kindsByStatus = new Map<number, ErrorKind>([
  [401, errorKinds.unauthorized],
  [403, errorKinds.forbidden],
  [404, errorKinds.notFound],
  [409, errorKinds.conflict],
  [410, errorKinds.gone],
  [412, errorKinds.conflict],
  [413, errorKinds.payloadTooLarge],
  [429, errorKinds.rateLimit],
  [503, errorKinds.loadShedding]
])

const kindsByCode = new Map<string, ErrorKind>(Object.values(errorKinds).map((kind) => [kind.code, kind]))

/** An error of Fastify, of another plugin or of a library, as far as it speaks of HTTP. */
interface HttpError extends Error {
  readonly statusCode?: unknown
  readonly status?: unknown
  readonly code?: unknown
  readonly details?: unknown
  /** The exact time, where the error knows it better than a header can say. */
  readonly retryAfterSeconds?: unknown
  readonly validation?: readonly FastifySchemaValidationError[]
  readonly validationContext?: string
}

/**
 * The error that a client is given for whatever was thrown. One that names a status below 500 keeps its status
 * and message and gets the name and code of that status; 503 is load shedding; everything else is an internal
 * error that says nothing of its cause.
 */
export function apiErrorOf(thrown: unknown, reply: FastifyReply): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof LedgerError) return ledgerFailure(thrown, reply)
  if (thrown instanceof SyncError) return syncFailure(thrown)
  if (!(thrown instanceof Error)) return internalError(undefined, thrown)
  const error: HttpError = thrown
  if (Array.isArray(error.validation)) return validationErrorOf(error.validation, error.validationContext)
  const statusCode = error.statusCode ?? error.status
  if (typeof statusCode !== 'number' || !isClients(statusCode)) return internalError(undefined, error)
  const kind = kindOf(error.code, statusCode)
  return new ApiError(kind, error.message, { statusCode, cause: error, ...factsOf(error, statusCode, reply) })
}

function syncFailure(error: SyncError): ApiError {
  const turnAway = error.code === 'circuit_open' ? circuitOpenError : loadSheddingError
  return turnAway(syncFailures[error.code], secondsOf(error))
}

/** A caller who comes back before anything can have changed comes in vain, and one second is what the header can say. */
function secondsOf({ retryAfterMs = 0 }: { readonly retryAfterMs: number | undefined }): number {
  return Math.max(retryAfterSeconds, retryAfterMs / 1000)
}

function ledgerFailure(error: LedgerError, { request }: FastifyReply): ApiError {
  switch (error.code) {
    case 'queue_full':
      return loadSheddingError('Too many requests wait for the ledger', retryAfterSeconds)
    case 'closed':
      return loadSheddingError('The server is shutting down', retryAfterSeconds)
    case 'read_only':
      return circuitOpenError('The ledger takes no writes now; reads still work', secondsOf(error))
    case 'in_doubt':
      return internalError(`The write failed: ${unknownOutcome}`, error)
    case 'damaged':
      return internalError(
        `The ledger is damaged: ${request.method === 'GET' ? 'this cannot be read any more' : unknownOutcome}`,
        error
      )
    case 'gone':
      return goneFailure(error)
    default:
      return error.code satisfies never
  }
}

function goneFailure(error: LedgerError): ApiError {
  if (!(error instanceof EventsGoneError)) return internalError(undefined, error)
  const { oldestSequence: oldestOffset } = error
  return goneError(`Events before offset ${oldestOffset} are no longer kept`, { oldestOffset })
}

function isClients(statusCode: number): boolean {
  return (statusCode >= 400 && statusCode < 500) || statusCode === 503
}

function kindOf(code: unknown, statusCode: number): ErrorKind {
  const own = typeof code === 'string' ? kindsByCode.get(code) : undefined
  return own ?? kindsByStatus.get(statusCode) ?? errorKinds.validation
}

function factsOf(error: HttpError, statusCode: number, reply: FastifyReply): ErrorFacts {
  const details = typeof error.details === 'object' && error.details !== null ? error.details : undefined
  const facts: { details?: ErrorDetails } = details === undefined ? {} : { details }
  if (typeof error.retryAfterSeconds === 'number') {
    return { ...facts, retryAfterSeconds: error.retryAfterSeconds }
  }
  if (statusCode !== 429 && statusCode !== 503) return facts
  const said = Number(reply.getHeader('retry-after'))
  return { ...facts, retryAfterSeconds: said > 0 ? said : retryAfterSeconds }
}
