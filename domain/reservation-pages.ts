import type { EndedReservation, EndedStatus } from './ended-reservations.ts'
import type { Reservation } from './open-reservations.ts'
import type { RecordState } from './record.ts'

export type ReservationStatus = 'open' | EndedStatus

/** A reservation as it is at an instant. */
export interface ReservationReading {
  readonly storeId: string
  readonly sku: string
  readonly id: string
  readonly status: ReservationStatus
  /** The units that it holds; of one that has ended the last ones that it held. */
  readonly qty: number
  /** When an open one ends by itself, in milliseconds since the epoch; none where it never does. */
  readonly expiresAt?: number
  /** When it ended, in milliseconds since the epoch; none as long as it is open. */
  readonly endedAt?: number
}

/** Behind which reservation a page starts. */
export type ReservationPosition =
  { readonly sku: string; readonly id: string } | { readonly endedBefore: number }

export interface ReservationQuery {
  readonly storeId: string
  /** Those of one record only. */
  readonly sku?: string
  readonly status: ReservationStatus
  readonly after?: ReservationPosition
  readonly limit: number
}

export interface ReservationPage {
  /**
   * Those that have not been written down as ended by SKU and id, in the order of UTF-16 code units; then those that have,
   * the newest first.
   */
  readonly reservations: readonly ReservationReading[]
  /** Where the next page starts; none on the last. */
  readonly next?: ReservationPosition
}

export interface ReservationSource {
  /** The store's records with open reservations in the order of their SKUs, from this one on. */
  readonly holders: (storeId: string, from: string | undefined) => Iterable<RecordState>
  readonly state: (storeId: string, sku: string) => RecordState
  readonly ended: () => Iterable<EndedReservation>
}

interface Found {
  readonly reading: ReservationReading
  readonly position: ReservationPosition
}

/** An open reservation as it is at `at`: from its expiry on it has ended, even before an event says so. */
export function readOpen(
  { storeId, sku }: RecordState,
  { id, units: qty, expiresAt }: Reservation,
  at: number
): ReservationReading {
  if (expiresAt === undefined) return { storeId, sku, id, status: 'open', qty }
  if (expiresAt > at) return { storeId, sku, id, status: 'open', qty, expiresAt }
  return { storeId, sku, id, status: 'expired', qty, endedAt: expiresAt }
}

export function readEnded({ storeId, sku, id, status, units, at }: EndedReservation): ReservationReading {
  return { storeId, sku, id, status, qty: units, endedAt: at }
}

/** A page of reservations as they are at `at`. */
export function reservationPage(
  source: ReservationSource,
  query: ReservationQuery,
  at: number
): ReservationPage {
  const { status, after, limit } = query
  const found: Found[] = []
  if ((status === 'open' || status === 'expired') && !isBehindOpen(after)) findOpen(source, query, at, found)
  if (status !== 'open' && found.length <= limit) findEnded(source, query, found)
  const page = found.slice(0, limit)
  const reservations = page.map(({ reading }) => reading)
  const next = found.length > limit ? page.at(-1)?.position : undefined
  return next === undefined ? { reservations } : { reservations, next }
}

function isBehindOpen(after: ReservationPosition | undefined): boolean {
  return after !== undefined && 'endedBefore' in after
}

/** One more than the page has, so that it is known whether there is a next one. */
function findOpen(source: ReservationSource, query: ReservationQuery, at: number, found: Found[]): void {
  const { storeId, sku, status, limit } = query
  const after = query.after !== undefined && 'sku' in query.after ? query.after : undefined
  const records = sku === undefined ? source.holders(storeId, after?.sku) : [source.state(storeId, sku)]
  for (const state of records) {
    const afterId = after?.sku === state.sku ? after.id : ''
    for (const reservation of firstById(candidates(state, status, at), afterId, limit + 1 - found.length)) {
      const { id } = reservation
      found.push({ reading: readOpen(state, reservation, at), position: { sku: state.sku, id } })
    }
    if (found.length > limit) return
  }
}

function candidates({ open }: RecordState, status: ReservationStatus, at: number): Iterable<Reservation> {
  if (open === undefined) return []
  if (status === 'expired') return open.lapsedAt(at)
  return open.soonestExpiry > at ? open.byId.values() : open.heldAt(at)
}

function findEnded(source: ReservationSource, query: ReservationQuery, found: Found[]): void {
  const { storeId, sku, status, after, limit } = query
  const before = after !== undefined && 'endedBefore' in after ? after.endedBefore : Infinity
  for (const ended of source.ended()) {
    if (ended.sequence >= before || ended.status !== status || ended.storeId !== storeId) continue
    if (sku !== undefined && ended.sku !== sku) continue
    found.push({ reading: readEnded(ended), position: { endedBefore: ended.sequence } })
    if (found.length > limit) return
  }
}

/** The `count` first of them by id behind `after`: a record may hold so many that ordering all for each page is too much. */
function firstById(reservations: Iterable<Reservation>, after: string, count: number): Reservation[] {
  const first: Reservation[] = []
  for (const reservation of reservations) {
    const { id } = reservation
    if (id <= after) continue
    const last = first.at(-1)
    if (last !== undefined && first.length === count && last.id < id) continue
    let place = first.length
    while (place > 0 && (first[place - 1]?.id ?? '') > id) place -= 1
    first.splice(place, 0, reservation)
    if (first.length > count) first.pop()
  }
  return first
}
