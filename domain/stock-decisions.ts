import type { Adjust, Commit, Extend, Release, Reserve } from './commands.ts'
import { because, continuation } from './continuation.ts'
import type { StockEvent } from './events.ts'
import type { RecordState } from './record.ts'
import type { Refusal } from './refusals.ts'

export function decideAdjust(state: RecordState, command: Adjust): StockEvent | Refusal {
  const { delta } = command
  if (state.qty + delta < 0) return insufficient(state, -delta)
  if (!Number.isSafeInteger(state.qty + state.reserved + delta)) return overflow(state, delta)
  const { askedBy } = command
  const { storeId, sku, lastUnit: base, reserved } = state
  const type = 'adjusted'
  const qty = state.qty + delta
  const version = state.version + 1
  const reason = because(command)
  // Written out, as nearly every event is one of these two, and to put one together from parts takes longer than the rest.
  if (reason === undefined) {
    if (askedBy === undefined) return { type, storeId, sku, base, delta, qty, reserved, version }
    return { type, storeId, sku, base, delta, qty, reserved, version, askedBy }
  }
  return {
    type,
    ...continuation(state, delta, 0),
    ...reason,
    ...(askedBy === undefined ? undefined : { askedBy })
  }
}

export function decideReserve(state: RecordState, command: Reserve): StockEvent | Refusal {
  const { qty, reservationId, expiresAt } = command
  if (state.qty < qty) return insufficient(state, qty)
  return {
    type: 'reserved',
    ...continuation(state, -qty, qty),
    reservationId,
    units: qty,
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...because(command)
  }
}

export function decideExtension(state: RecordState, command: Extend): StockEvent | Refusal {
  const { reservationId, expiresAt } = command
  const reservation = state.open?.byId.get(reservationId)
  if (reservation === undefined) return notOpen(state, reservationId)
  const { units } = reservation
  return {
    type: 'extended',
    ...continuation(state, 0, 0),
    reservationId,
    units,
    expiresAt,
    ...because(command)
  }
}

export function decideResolution(state: RecordState, command: Release | Commit): StockEvent | Refusal {
  const { storeId, sku } = state
  const { reservationId } = command
  const reservation = state.open?.byId.get(reservationId)
  if (reservation === undefined) return notOpen(state, reservationId)
  const units = command.qty ?? reservation.units
  if (units > reservation.units) {
    return {
      code: 'reservation_exceeded',
      storeId,
      sku,
      reservationId,
      requested: units,
      available: reservation.units
    }
  }
  return {
    type: command.type === 'release' ? 'released' : 'committed',
    ...continuation(state, command.type === 'release' ? units : 0, -units),
    reservationId,
    units,
    ...because(command)
  }
}

function notOpen({ storeId, sku }: RecordState, reservationId: string): Refusal {
  return { code: 'reservation_not_found', storeId, sku, reservationId }
}

function insufficient(state: RecordState, requested: number): Refusal {
  const { storeId, sku, qty: available } = state
  return { code: 'insufficient_stock', storeId, sku, requested, available }
}

/** A change after which a quantity would be no safe integer any more. */
export function overflow(state: RecordState, delta: number): Refusal {
  const { storeId, sku, qty: quantity } = state
  return { code: 'quantity_overflow', storeId, sku, quantity, delta }
}
