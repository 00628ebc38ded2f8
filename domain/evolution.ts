import type { Extended, Reserved, Resolved, StockEvent } from './events.ts'
import { OpenReservations } from './open-reservations.ts'
import { exists, type Product, type RecordState } from './record.ts'

/** An event that cannot have happened to the record: the log it came from is wrong and must be looked at. */
export class ImpossibleEventError extends Error {
  override readonly name = 'ImpossibleEventError'
  readonly event: StockEvent

  constructor(why: string, event: StockEvent) {
    super(`impossible event ${event.type} on ${JSON.stringify([event.storeId, event.sku])}: ${why}`)
    this.event = event
  }
}

/**
 * The state after an event of the unit `unitId`, written at `at` (milliseconds since the epoch).
 * Throws ImpossibleEventError where the event does not continue the state.
 */
export function evolve(state: RecordState, event: StockEvent, unitId: string, at: number): RecordState {
  requireContinuation(state, event)
  return {
    storeId: state.storeId,
    sku: state.sku,
    qty: event.qty,
    reserved: event.reserved,
    version: event.version,
    updatedAt: at,
    lastUnit: unitId,
    open: evolveReservations(state, event),
    product: evolveProduct(state, event),
    deleted: event.type === 'product_deleted'
  }
}

function evolveProduct(state: RecordState, event: StockEvent): Product | undefined {
  switch (event.type) {
    case 'product_created':
    case 'product_modified':
      return { name: event.name, price: event.price }
    case 'product_deleted':
      return undefined
    case 'adjusted':
    case 'reserved':
    case 'extended':
    case 'released':
    case 'committed':
    case 'expired':
      return state.product
    default:
      return event satisfies never
  }
}

function evolveReservations(state: RecordState, event: StockEvent): OpenReservations | undefined {
  switch (event.type) {
    case 'adjusted':
    case 'product_created':
    case 'product_modified':
    case 'product_deleted':
      return state.open
    case 'reserved': {
      if (state.open?.byId.has(event.reservationId)) throw new ImpossibleEventError('reserved twice', event)
      const { reservationId: id, units, expiresAt } = event
      const open = state.open ?? OpenReservations.none
      return open.with(expiresAt === undefined ? { id, units } : { id, units, expiresAt })
    }
    case 'extended': {
      const { reservationId: id, units, expiresAt } = event
      const held = state.open?.byId.get(id)?.units ?? 0
      if (state.open === undefined || units !== held) {
        throw new ImpossibleEventError(`${units} units of a reservation that holds ${held}`, event)
      }
      const others = state.open.without(id, units) ?? OpenReservations.none
      return others.with({ id, units, expiresAt })
    }
    case 'released':
    case 'committed':
    case 'expired': {
      const held = state.open?.byId.get(event.reservationId)?.units ?? 0
      if (state.open === undefined || event.units > held) {
        throw new ImpossibleEventError(`${event.units} units of a reservation that holds ${held}`, event)
      }
      return state.open.without(event.reservationId, event.units)
    }
    default:
      return event satisfies never
  }
}

function requireContinuation(state: RecordState, event: StockEvent): void {
  if (event.sku !== state.sku || event.storeId !== state.storeId) {
    throw new ImpossibleEventError(`not of the record ${JSON.stringify([state.storeId, state.sku])}`, event)
  }
  if (event.version !== state.version + 1) {
    throw new ImpossibleEventError(`version ${event.version} after ${state.version}`, event)
  }
  if (event.qty !== state.qty + event.delta || event.qty < 0 || !Number.isSafeInteger(event.qty)) {
    throw new ImpossibleEventError(`quantity ${state.qty} and delta ${event.delta} give ${event.qty}`, event)
  }
  const reserved = state.reserved + reservedChange(event)
  if (event.reserved !== reserved || event.reserved < 0 || !Number.isSafeInteger(event.reserved)) {
    throw new ImpossibleEventError(`reserved ${event.reserved} where ${reserved} follows`, event)
  }
  requireExistence(state, event)
  if ('units' in event) requireUnits(event)
}

/** A product is created where there is none, and nothing else happens to what was deleted. */
function requireExistence(state: RecordState, event: StockEvent): void {
  const isThere = exists(state)
  if (event.type === 'product_created' ? isThere : state.deleted) {
    throw new ImpossibleEventError(isThere ? 'the record exists' : 'the product was deleted', event)
  }
  if (event.type !== 'product_modified' && event.type !== 'product_deleted') return
  if (!isThere) throw new ImpossibleEventError('there is no record', event)
  if (event.type === 'product_deleted' && event.qty + event.reserved > 0) {
    throw new ImpossibleEventError(`${event.qty} and ${event.reserved} units are left`, event)
  }
}

/** Held units are moved whole, and the quantity changes by exactly those that are taken or given back. */
function requireUnits(event: Reserved | Extended | Resolved): void {
  const { units, delta } = event
  if (!Number.isSafeInteger(units) || units < 1) throw new ImpossibleEventError(`${units} units`, event)
  if (delta !== quantityChange(event)) {
    throw new ImpossibleEventError(`delta ${delta} where ${units} units move`, event)
  }
}

function quantityChange(event: Reserved | Extended | Resolved): number {
  switch (event.type) {
    case 'reserved':
      return -event.units
    case 'released':
    case 'expired':
      return event.units
    case 'extended':
    case 'committed':
      return 0
    default:
      return event satisfies never
  }
}

/** What an event adds to the units held by reservations. */
export function reservedChange(event: StockEvent): number {
  switch (event.type) {
    case 'adjusted':
    case 'extended':
    case 'product_created':
    case 'product_modified':
    case 'product_deleted':
      return 0
    case 'reserved':
      return event.units
    case 'released':
    case 'committed':
    case 'expired':
      return -event.units
    default:
      return event satisfies never
  }
}
