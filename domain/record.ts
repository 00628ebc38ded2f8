import type { OpenReservations, Reservation } from './open-reservations.ts'

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
  /** The catalogue fields, where somebody has given them. */
  readonly product?: Product | undefined
  /** Whether reservations have ended by now that no event speaks of yet: then the version does not speak of it either. */
  readonly hasLapsed?: true
}

export interface Product {
  readonly name: string
  readonly price: number
}

/** The state that commands are decided on. Version 0 is a record that does not exist. */
export interface RecordState extends Omit<RecordView, 'hasLapsed'> {
  /** The unit that last changed the record, the empty string for none. */
  readonly lastUnit: string
  readonly open: OpenReservations | undefined
  readonly product: Product | undefined
  /** Whether its product was deleted; then nothing is left of it but its version and its history. */
  readonly deleted: boolean
}

/** The state of a record before its first event. */
export function initial(storeId: string, sku: string): RecordState {
  return {
    storeId,
    sku,
    qty: 0,
    reserved: 0,
    version: 0,
    updatedAt: 0,
    lastUnit: '',
    open: undefined,
    product: undefined,
    deleted: false
  }
}

/** Whether there is anything to read or change: the record has events, and its product was not deleted. */
export function exists(state: RecordState): boolean {
  return state.version > 0 && !state.deleted
}

/** The reservations whose time has passed at `at`, first to expire first, ties by id. */
export function lapsed(state: RecordState, at: number): Reservation[] {
  return state.open?.lapsedAt(at) ?? []
}

/**
 * The record as it is at the instant `at`: a reservation holds nothing from its expiry on, even before an
 * event says so, and the version stays until that event is written.
 */
export function viewAt(state: RecordState, at: number): RecordView {
  if (state.open === undefined || state.open.soonestExpiry > at) return state
  const units = lapsed(state, at).reduce((sum, reservation) => sum + reservation.units, 0)
  return { ...state, qty: state.qty + units, reserved: state.reserved - units, hasLapsed: true }
}
