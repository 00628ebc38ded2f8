import type { StockEvent } from './events.ts'
import type { RecordState } from './record.ts'

export type EndedStatus = 'released' | 'committed' | 'expired'

/** What became of a reservation: of the last units that it held, and when, in milliseconds since the epoch. */
export interface Ending {
  readonly status: EndedStatus
  readonly at: number
}

/** A reservation that holds nothing any more, and the event that says so. */
export interface EndedReservation extends Ending {
  readonly storeId: string
  readonly sku: string
  readonly id: string
  /** The last units that it held. */
  readonly units: number
  readonly sequence: number
}

/** How many of a ledger's reservations are remembered after they have ended: the newest. */
export const ENDED_KEPT_MAX = 16_384

/**
 * How the event, written at `at`, ends a reservation of the state before it; undefined where it ends none. One that
 * expired has ended at its expiry, whenever that was written down.
 */
export function endingOf(
  before: RecordState,
  event: StockEvent,
  at: number,
  after: RecordState
): (Ending & { readonly id: string; readonly units: number }) | undefined {
  if (event.type !== 'released' && event.type !== 'committed' && event.type !== 'expired') return undefined
  const { type: status, reservationId: id, units } = event
  if (after.open?.byId.has(id) === true) return undefined
  const expiresAt = status === 'expired' ? before.open?.byId.get(id)?.expiresAt : undefined
  return { id, units, status, at: expiresAt ?? at }
}

/** The reservations that ended last, as many as are kept, so that whoever comes too late can be told what was first. */
export class EndedReservations {
  /** The oldest one's place is taken by the next one once it is full. */
  readonly #ring: EndedReservation[] = []
  readonly #byId = new Map<string, EndedReservation>()
  readonly #countMax: number
  #next = 0

  constructor(reservations: Iterable<EndedReservation> = [], countMax = ENDED_KEPT_MAX) {
    this.#countMax = countMax
    for (const reservation of reservations) this.add(reservation)
  }

  add(reservation: EndedReservation): void {
    const oldest = this.#ring[this.#next]
    if (oldest !== undefined && this.#byId.get(oldest.id) === oldest) this.#byId.delete(oldest.id)
    this.#ring[this.#next] = reservation
    this.#byId.set(reservation.id, reservation)
    this.#next = (this.#next + 1) % this.#countMax
  }

  /** The record's reservation with this id, where it is one of those that are kept. */
  find(storeId: string, sku: string, id: string): EndedReservation | undefined {
    const found = this.#byId.get(id)
    return found?.storeId === storeId && found.sku === sku ? found : undefined
  }

  *newestFirst(): Generator<EndedReservation> {
    const { length } = this.#ring
    for (let age = 1; age <= length; age += 1) {
      const reservation = this.#ring[(this.#next - age + length) % length]
      if (reservation !== undefined) yield reservation
    }
  }

  /** All of them, the oldest first, whatever happens in the meantime. */
  capture(): readonly EndedReservation[] {
    return [...this.newestFirst()].reverse()
  }
}
