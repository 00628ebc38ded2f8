import type { Refusal } from '../../domain/refusals.ts'
import { ApiError, idempotencyConflictError, type ErrorDetails } from './api-error.ts'
import { errorKinds, type ErrorKind } from './error-kinds.ts'

export interface RefusalContext {
  /** Milliseconds since the epoch at which it was refused, so that a replayed refusal reads the same. */
  readonly at: number
  /** The status of a version conflict. */
  readonly conflictStatus: 409 | 412
  /** The line, from 0, on which an atomic unit was refused. */
  readonly line?: number
}

interface Rendering {
  readonly kind: ErrorKind
  readonly message: string
  readonly details?: ErrorDetails
}

/** The answer to a refusal; the same refusal at the same instant always gives the same one. */
export function refusalError(refusal: Refusal, context: RefusalContext): ApiError {
  const { kind, message, details } = rendering(refusal)
  const { at, conflictStatus, line } = context
  const statusCode = kind === errorKinds.conflict ? conflictStatus : kind.statusCode
  if (line === undefined) return new ApiError(kind, message, { at, statusCode, ...(details && { details }) })
  return new ApiError(kind, `Line ${line}: ${message}`, { at, statusCode, details: { ...details, line } })
}

function rendering(refusal: Refusal): Rendering {
  switch (refusal.code) {
    case 'not_found':
      return { kind: errorKinds.notFound, message: `There is no ${recordText(refusal)}` }
    case 'version_conflict': {
      const { expected, actual } = refusal
      const message = `The ${recordText(refusal)}: expected ${expectedText(expected)}, actual version ${actual}`
      return { kind: errorKinds.conflict, message, details: { expected, actual } }
    }
    case 'reservation_not_found': {
      const { reservationId, ended } = refusal
      const message = `The ${recordText(refusal)} has no open reservation ${quoted(reservationId)}`
      if (ended === undefined) return { kind: errorKinds.notFound, message }
      const { status } = ended
      const endedAt = new Date(ended.at).toISOString()
      return {
        kind: errorKinds.notFound,
        message: `${message}: it was ${status} at ${endedAt}`,
        details: { reservationId, status, endedAt }
      }
    }
    case 'reservation_exceeded': {
      const { requested, available } = refusal
      const reservation = `Reservation ${quoted(refusal.reservationId)} on the ${recordText(refusal)}`
      const message = `${reservation}: requested ${requested}, held ${available}`
      return { kind: errorKinds.insufficientStock, message, details: { requested, available } }
    }
    case 'insufficient_stock': {
      const { requested, available } = refusal
      const message = `The ${recordText(refusal)}: requested ${requested}, available ${available}`
      return { kind: errorKinds.insufficientStock, message, details: { requested, available } }
    }
    case 'already_exists':
      return { kind: errorKinds.conflict, message: `There is a ${recordText(refusal)} already` }
    case 'reservations_open': {
      const { qty: available, reserved } = refusal
      const message = `The ${recordText(refusal)} cannot be deleted: open reservations hold ${reserved} units`
      return {
        kind: errorKinds.insufficientStock,
        message,
        details: { requested: available + reserved, available }
      }
    }
    case 'nothing_expired': {
      const message = `The ${recordText(refusal)} has no reservation whose time has passed`
      return { kind: errorKinds.notFound, message }
    }
    case 'quantity_overflow': {
      const { quantity, delta } = refusal
      const message = `The ${recordText(refusal)}: ${quantity} changed by ${delta} is no safe integer any more`
      return { kind: errorKinds.validation, message, details: { quantity, delta } }
    }
    case 'idempotency_conflict': {
      const { message } = idempotencyConflictError(keyOf(refusal.key))
      return { kind: errorKinds.idempotencyConflict, message }
    }
    default:
      return refusal satisfies never
  }
}

/** The key without its scope, which may be a secret; a key holds no space. */
function keyOf(scopedKey: string): string {
  return scopedKey.slice(scopedKey.lastIndexOf(' ') + 1)
}

function recordText({ storeId, sku }: { readonly storeId: string; readonly sku: string }): string {
  return `record of SKU ${quoted(sku)} in store ${quoted(storeId)}`
}

function expectedText(expected: number | readonly number[] | '*'): string {
  if (expected === '*') return 'any version'
  if (typeof expected === 'number') return expected === 0 ? 'none to exist' : `version ${expected}`
  return expected.length === 0 ? 'a version that never is' : `one of the versions ${expected.join(', ')}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
