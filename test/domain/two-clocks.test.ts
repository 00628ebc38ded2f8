import { equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { StockEvent } from '../../domain/events.ts'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import { holds } from './property.ts'
import { run, turns } from './two-writers.ts'

t.test('reservations of two writers whose clocks jump', async (t) => {
  holds(
    t,
    'whatever the clock does, an end is final, none is before its time, and who used what was held wrote down that it is free',
    fc.property(turns, (played) => {
      const { log, writers } = run(played)
      const open = new Map<string, Held>()
      for (const [index, { logged }] of log.entries()) {
        if (writers[0].verdicts[index] !== true) continue
        const { at, events } = logged
        for (const event of events) {
          if ('units' in event) takeHeld(open, event, logged)
          const held = [...open.values()].filter(({ sku }) => sku === event.sku)
          equal(
            event.reserved,
            held.reduce((sum, { units }) => sum + units, 0)
          )
          ok(event.qty >= 0)
        }
        const changed = new Set(events.map((event) => event.sku))
        // What was over when it was asked for stays until the next change, as nothing relied on its end.
        const lapsed = [...open.values()].filter(({ expiresAt, by }) => expiresAt <= at && by !== logged.id)
        ok(lapsed.every(({ sku }) => !changed.has(sku)))
      }
    })
  )
})

interface Held {
  readonly sku: string
  units: number
  expiresAt: number
  /** The unit that reserved or extended it last. */
  by: string
}

function takeHeld(
  open: Map<string, Held>,
  event: Extract<StockEvent, { readonly units: number }>,
  { id: by, at }: LoggedUnit
): void {
  const { type, sku, reservationId, units } = event
  const held = open.get(reservationId)
  if (type === 'reserved') {
    equal(held, undefined)
    open.set(reservationId, { sku, units, expiresAt: event.expiresAt ?? Infinity, by })
    return
  }
  ok(held && held.units >= units)
  equal(held.expiresAt <= at, type === 'expired')
  if (type === 'extended') Object.assign(held, { expiresAt: event.expiresAt, by })
  else if (held.units === units) open.delete(reservationId)
  else held.units -= units
}
