import { ENDED_KEPT_MAX, type EndedReservation } from '../../domain/ended-reservations.ts'
import type { Reservation } from '../../domain/open-reservations.ts'
import { statesIn, type RecordColumns } from '../../domain/record-columns.ts'
import { reservationKey } from '../../domain/record-key.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { Report } from './report.ts'

interface OpenReservation extends Reservation {
  readonly storeId: string
  readonly sku: string
}

/** What was found of a ledger's reservations after an event. */
export interface FoundReservations {
  readonly open: Iterable<OpenReservation>
  /** Those that are remembered, the oldest first. */
  readonly ended: readonly EndedReservation[]
}

/**
 * Holds each event against the reservations that those before it have left open, by rules of its own, and what was found
 * of reservations elsewhere against what the events say: which are open, with what units and until when, and what the
 * newest of the others came to.
 */
export class ReservationCheck {
  readonly #report: Report
  readonly #open = new Map<string, OpenReservation>()
  #ended: EndedReservation[] = []

  /** Begins with nothing, or with what is found after some event. */
  constructor(report: Report, begin?: FoundReservations) {
    this.#report = report
    for (const one of begin?.open ?? []) this.#open.set(keyOf(one), one)
    this.#ended.push(...(begin?.ended ?? []))
  }

  /** The next event of the log. */
  take({ event, sequence, at }: SequencedEvent): void {
    if (!('reservationId' in event)) return
    const { storeId, sku, reservationId: id, units, type } = event
    const key = keyOf({ storeId, sku, id })
    const before = this.#open.get(key)
    const held = before?.units ?? 0
    if (type === 'extended' ? held !== units : type === 'reserved' ? held > 0 : held < units) {
      const name = `the reservation ${id} of ${JSON.stringify([storeId, sku])}`
      this.#report(`event ${sequence} (${type}): ${name} held ${held}`)
    }
    if (type === 'reserved' || type === 'extended') {
      this.#open.set(key, { storeId, sku, id, units, ...untilOf(event) })
      return
    }
    if (held > units) {
      this.#open.set(key, { storeId, sku, id, units: held - units, ...untilOf(before) })
      return
    }
    this.#open.delete(key)
    if (before === undefined) return
    const endedAt = type === 'expired' ? (before.expiresAt ?? at) : at
    this.#ended.push({ storeId, sku, id, units, status: type, at: endedAt, sequence })
    if (this.#ended.length > 2 * ENDED_KEPT_MAX) this.#ended = this.#ended.slice(-ENDED_KEPT_MAX)
  }

  /** Holds what was found against what the events have led to by now. */
  compare(source: string, found: FoundReservations): void {
    const mine = new Map(this.#open)
    for (const one of found.open) {
      const expected = mine.get(keyOf(one))
      mine.delete(keyOf(one))
      if (printOpen(one) !== printOpen(expected))
        this.#report(`${source} has ${printOpen(one)}, the log says ${printOpen(expected)}`)
    }
    for (const one of mine.values())
      this.#report(`${source} has no open reservation where the log says ${printOpen(one)}`)
    this.#compareEnded(source, found.ended)
  }

  #compareEnded(source: string, ended: readonly EndedReservation[]): void {
    const expected = this.#ended.slice(-ENDED_KEPT_MAX)
    if (ended.length !== expected.length) {
      const counts = `${ended.length} ended reservations, the log says ${expected.length}`
      this.#report(`${source} remembers ${counts}`)
      return
    }
    for (const [index, one] of ended.entries()) {
      const [said, mine] = [printEnded(one), printEnded(expected[index])]
      if (said !== mine) this.#report(`${source} remembers ${said}, the log says ${mine}`)
    }
  }
}

/** The reservations that are open in the records of a ledger's book. */
export function* openIn(blocks: Iterable<RecordColumns>): Generator<OpenReservation> {
  for (const { storeId, sku, open } of statesIn(blocks)) {
    for (const { id, units, ...until } of open?.byId.values() ?? [])
      yield { storeId, sku, id, units, ...until }
  }
}

function untilOf(source: { readonly expiresAt?: number } | undefined): { readonly expiresAt?: number } {
  return source?.expiresAt === undefined ? {} : { expiresAt: source.expiresAt }
}

function printOpen(one: OpenReservation | undefined): string {
  if (one === undefined) return 'nothing of it'
  const { storeId, sku, id, units, expiresAt } = one
  const until = expiresAt === undefined ? '' : ` until ${expiresAt}`
  return `the reservation ${id} of ${JSON.stringify([storeId, sku])}: ${units} held${until}`
}

function printEnded(one: EndedReservation | undefined): string {
  if (one === undefined) return 'nothing of it'
  const { storeId, sku, id, units, status, at, sequence } = one
  return `the reservation ${id} of ${JSON.stringify([storeId, sku])}: ${units} ${status} at ${at} by event ${sequence}`
}

function keyOf({ storeId, sku, id }: Pick<OpenReservation, 'storeId' | 'sku' | 'id'>): string {
  return reservationKey(storeId, sku, id)
}
