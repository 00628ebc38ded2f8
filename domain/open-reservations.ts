import { Map as PersistentMap } from 'immutable'
import sortedTree from 'sorted-btree'
import { byCodeUnits } from './code-units.ts'

const SortedTree = sortedTree.default

export interface Reservation {
  readonly id: string
  readonly units: number
  /** Milliseconds since the epoch; none for a reservation that never expires. */
  readonly expiresAt?: number
}

type Expiry = readonly [expiresAt: number, id: string]
type Expiries = InstanceType<typeof SortedTree<Expiry, undefined>>

/**
 * The open reservations of one record, never changed in place. A record may hold thousands: each step costs
 * no more than the logarithm of their number.
 */
export class OpenReservations {
  readonly byId: PersistentMap<string, Reservation>
  /** The first instant at which one expires, in milliseconds since the epoch; Infinity where none does. */
  readonly soonestExpiry: number
  readonly #expiries: Expiries

  private constructor(byId: PersistentMap<string, Reservation>, expiries: Expiries) {
    this.byId = byId
    this.#expiries = expiries
    this.soonestExpiry = expiries.minKey()?.[0] ?? Infinity
  }

  static readonly none = new OpenReservations(
    PersistentMap(),
    new SortedTree<Expiry, undefined>([], byInstant)
  )

  /** Those that are open in all; undefined for none. */
  static of(reservations: readonly Reservation[]): OpenReservations | undefined {
    if (reservations.length === 0) return undefined
    return reservations.reduce<OpenReservations>((open, one) => open.with(one), OpenReservations.none)
  }

  get(id: string): Reservation | undefined {
    return this.byId.get(id)
  }

  with(reservation: Reservation): OpenReservations {
    const { id, expiresAt } = reservation
    const expiries = expiresAt === undefined ? this.#expiries : this.#expiries.with([expiresAt, id])
    return new OpenReservations(this.byId.set(id, reservation), expiries)
  }

  /** The reservations after `units` of one are resolved; undefined when none is left open. */
  without(id: string, units: number): OpenReservations | undefined {
    const reservation = this.byId.get(id)
    if (reservation === undefined) return this
    if (reservation.units > units) {
      const fewer = { ...reservation, units: reservation.units - units }
      return new OpenReservations(this.byId.set(id, fewer), this.#expiries)
    }
    if (this.byId.size === 1) return undefined
    const { expiresAt } = reservation
    const expiries = expiresAt === undefined ? this.#expiries : this.#expiries.without([expiresAt, id])
    return new OpenReservations(this.byId.delete(id), expiries)
  }

  /** Those that hold their units at `at`. */
  *heldAt(at: number): Generator<Reservation> {
    for (const reservation of this.byId.values()) {
      if ((reservation.expiresAt ?? Infinity) > at) yield reservation
    }
  }

  /** Those whose time has passed at `at`, first to expire first, ties by id. */
  lapsedAt(at: number): Reservation[] {
    const lapsed: Reservation[] = []
    if (this.soonestExpiry > at) return lapsed
    for (const [expiresAt, id] of this.#expiries.keys()) {
      if (expiresAt > at) break
      const reservation = this.byId.get(id)
      if (reservation !== undefined) lapsed.push(reservation)
    }
    return lapsed
  }
}

function byInstant([instant, id]: Expiry, [otherInstant, otherId]: Expiry): number {
  return instant - otherInstant || byCodeUnits(id, otherId)
}
