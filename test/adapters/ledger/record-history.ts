import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import type { AuditedEvent } from './audited-event.ts'

interface Hold {
  readonly units: number
  readonly expiresAt: number
}

/** How the record stood from a sequence on. */
interface Moment {
  readonly sequence: number
  readonly version: number
  readonly onHand: number
  readonly holds: ReadonlyMap<string, Hold>
}

/** What somebody has seen of a record; what is left out was not to be seen. */
export interface Sight {
  readonly version: number
  readonly qty?: number
  readonly reserved?: number
}

/** All that a record ever was, in plain numbers: what is on hand, and what is held of it. */
export class RecordHistory {
  lastUnit = ''
  readonly #moments: Moment[] = [{ sequence: 0, version: 0, onHand: 0, holds: new Map() }]

  /** Takes the next event. Throws an AssertionError where it does not follow from what was before. */
  take({ sequence, at, unitId, event }: AuditedEvent): void {
    const before = this.#moments.at(-1)!
    const holds = new Map(before.holds)
    let { onHand } = before
    if (!('units' in event)) onHand += event.delta
    else if (event.type === 'reserved') {
      ok(!holds.has(event.reservationId), `reservation ${event.reservationId} is new`)
      holds.set(event.reservationId, { units: event.units, expiresAt: event.expiresAt ?? Infinity })
    } else if (event.type === 'extended') {
      const hold = holds.get(event.reservationId)
      ok(hold?.units === event.units, `reservation ${event.reservationId} holds ${event.units}`)
      ok(hold.expiresAt > at, 'what has lapsed is not extended')
      holds.set(event.reservationId, { units: event.units, expiresAt: event.expiresAt })
    } else {
      const hold = holds.get(event.reservationId)
      ok(hold && hold.units >= event.units, `reservation ${event.reservationId} holds ${event.units}`)
      equal(hold.expiresAt <= at, event.type === 'expired', 'what has lapsed expires, and nothing else does')
      if (hold.units === event.units) holds.delete(event.reservationId)
      else holds.set(event.reservationId, { ...hold, units: hold.units - event.units })
      if (event.type === 'committed') onHand -= event.units
    }
    const moment = { sequence, version: before.version + 1, onHand, holds }
    const { qty, reserved, version } = event
    deepStrictEqual({ qty, reserved, version }, viewOf(moment, -Infinity), `event ${sequence}`)
    ok(qty >= 0 && reserved >= 0, `event ${sequence} leaves nothing below zero`)
    equal(qty - viewOf(before, -Infinity).qty, event.delta)
    this.lastUnit = unitId
    this.#moments.push(moment)
  }

  get onHand(): number {
    return this.#moments.at(-1)!.onHand
  }

  /** The sequences from the first up to and without the second at which the record looked like this. */
  whenSeen(sight: Sight, at: number): [number, number] | undefined {
    const moment = this.#moments[sight.version]
    if (moment === undefined) return undefined
    const view = viewOf(moment, at)
    if (sight.qty !== undefined && sight.qty !== view.qty) return undefined
    if (sight.reserved !== undefined && sight.reserved !== view.reserved) return undefined
    return [moment.sequence, this.#moments[sight.version + 1]?.sequence ?? Infinity]
  }

  /** What a reservation held at a version, as seen at an instant; 0 where it was not open. */
  held(version: number, reservationId: string, at: number): number {
    const hold = this.#moments[version]?.holds.get(reservationId)
    return hold === undefined || hold.expiresAt <= at ? 0 : hold.units
  }
}

function viewOf({ onHand, holds, version }: Moment, at: number): Required<Sight> {
  let reserved = 0
  for (const hold of holds.values()) if (hold.expiresAt > at) reserved += hold.units
  return { qty: onHand - reserved, reserved, version }
}
