import { Map as PersistentMap } from 'immutable'

/** What a reader sees of the stock of one SKU in one store. On hand is `qty + reserved`. */
export interface RecordView {
  readonly storeId: string
  readonly sku: string
  /** What can still be promised. */
  readonly qty: number
  /** What open reservations hold. */
  readonly reserved: number
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

export interface Reservation {
  readonly id: string
  readonly units: number
  /** Milliseconds since the epoch; none for a reservation that never expires. */
  readonly expiresAt?: number
}

/** The open reservations of one record and the first instant at which one of them expires. */
export interface OpenReservations {
  readonly byId: PersistentMap<string, Reservation>
  readonly soonestExpiry: number
}

/** The state that commands are decided on. Version 0 is a record that does not exist. */
export interface RecordState extends RecordView {
  /** The unit that last changed the record, the empty string for none. */
  readonly lastUnit: string
  readonly open: OpenReservations | undefined
}

/** The state of a record before its first event. */
export function initial(storeId: string, sku: string): RecordState {
  return { storeId, sku, qty: 0, reserved: 0, version: 0, updatedAt: 0, lastUnit: '', open: undefined }
}

/** The open reservations with one more. */
export function withReservation(
  open: OpenReservations | undefined,
  reservation: Reservation
): OpenReservations {
  const expiry = reservation.expiresAt ?? Infinity
  if (open === undefined) {
    return { byId: PersistentMap([[reservation.id, reservation]]), soonestExpiry: expiry }
  }
  return {
    byId: open.byId.set(reservation.id, reservation),
    soonestExpiry: Math.min(open.soonestExpiry, expiry)
  }
}

/** The open reservations after `units` of one are resolved; undefined when none is left. */
export function withoutUnits(
  open: OpenReservations,
  id: string,
  units: number
): OpenReservations | undefined {
  const reservation = open.byId.get(id)
  if (reservation === undefined) return open
  if (reservation.units > units) {
    return { ...open, byId: open.byId.set(id, { ...reservation, units: reservation.units - units }) }
  }
  const byId = open.byId.delete(id)
  if (byId.size === 0) return undefined
  const mayHaveBeenSoonest = reservation.expiresAt === open.soonestExpiry
  return { byId, soonestExpiry: mayHaveBeenSoonest ? soonest(byId) : open.soonestExpiry }
}

function soonest(byId: PersistentMap<string, Reservation>): number {
  let expiry = Infinity
  for (const reservation of byId.values()) expiry = Math.min(expiry, reservation.expiresAt ?? Infinity)
  return expiry
}

/** The reservations whose time has passed at `at`, first to expire first, ties by id. */
export function lapsed(state: RecordState, at: number): Reservation[] {
  if (state.open === undefined || state.open.soonestExpiry > at) return []
  const past = [...state.open.byId.values()].filter(
    (reservation) => (reservation.expiresAt ?? Infinity) <= at
  )
  return past.sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || (a.id < b.id ? -1 : 1))
}

/**
 * The record as it is at the instant `at`: a reservation holds nothing from its expiry on, even before an
 * event says so, and the version stays until that event is written.
 */
export function viewAt(state: RecordState, at: number): RecordView {
  if (state.open === undefined || state.open.soonestExpiry > at) return state
  const units = lapsed(state, at).reduce((sum, reservation) => sum + reservation.units, 0)
  return { ...state, qty: state.qty + units, reserved: state.reserved - units }
}
