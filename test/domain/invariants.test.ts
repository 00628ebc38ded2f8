import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { decide, expire } from '../../domain/decider.ts'
import { initial, viewAt } from '../../domain/record.ts'
import { sku, storeId } from './decider-specification.ts'
import { plain } from './plain-state.ts'
import { holds } from './property.ts'
import { eventsOf, evolveAll, instants, steps, trajectory, type Step, type Turn } from './trajectory.ts'

function eachTurn(check: (turn: Turn) => void) {
  return fc.property(steps, (walked) => {
    for (const turn of trajectory(walked)) check(turn)
  })
}

const walkTo = (walked: readonly Step[]) => {
  const last = trajectory(walked).at(-1)
  if (last === undefined) return initial(storeId, sku)
  return last.decision.accepted ? last.decision.state : last.before
}

t.test('invariants of one record', async (t) => {
  holds(
    t,
    'quantity never below zero',
    eachTurn(({ decision }) => {
      for (const event of eventsOf(decision)) {
        ok(event.qty >= 0 && event.reserved >= 0)
        ok(Number.isSafeInteger(event.qty + event.reserved))
      }
    })
  )
  holds(
    t,
    'version strictly one more with each event',
    eachTurn(({ before, decision }) => {
      for (const [index, event] of eventsOf(decision).entries()) {
        equal(event.version, before.version + index + 1)
      }
      if (decision.accepted) equal(decision.state.version, before.version + decision.events.length)
    })
  )
  holds(
    t,
    'on hand is the quantity and what is reserved, and nothing that is held or given back changes it',
    eachTurn(({ before, decision }) => {
      let onHand = before.qty + before.reserved
      for (const event of eventsOf(decision)) {
        if (event.type === 'adjusted' || event.type.startsWith('product_')) onHand += event.delta
        if (event.type === 'committed') onHand -= event.units
        equal(event.qty + event.reserved, onHand)
      }
    })
  )
  holds(
    t,
    'reserved is the sum of the open reservations, the soonest expiry the first of theirs',
    eachTurn(({ decision }) => {
      if (!decision.accepted) return
      const { reserved, reservations, soonestExpiry } = plain(decision.state)
      ok(reservations.every(({ units }) => units > 0))
      const held = reservations.reduce((sum, { units }) => sum + units, 0)
      equal(reserved, held)
      equal(soonestExpiry, Math.min(Infinity, ...reservations.map(({ expiresAt = Infinity }) => expiresAt)))
      equal(decision.state.open === undefined, reservations.length === 0)
    })
  )
  holds(
    t,
    'each event names the unit that last changed the record',
    eachTurn(({ before, context, decision }) => {
      for (const [index, event] of eventsOf(decision).entries()) {
        equal(event.base, index === 0 ? before.lastUnit : context.unitId)
      }
      if (decision.accepted) equal(decision.state.lastUnit, context.unitId)
    })
  )
})

t.test('decisions', async (t) => {
  holds(
    t,
    'an accepted one has events that evolve to its state, a refused one has none',
    eachTurn(({ before, context, decision }) => {
      if (!decision.accepted) return deepStrictEqual(Object.keys(decision), ['accepted', 'refusal'])
      ok(decision.events.length > 0)
      deepStrictEqual(plain(evolveAll(before, decision.events, context)), plain(decision.state))
    })
  )
  holds(
    t,
    'the same state, command and instant give the same decision and change nothing',
    eachTurn(({ before, command, context, decision }) => {
      const untouched = plain(before)
      const again = decide(before, command, context)
      deepStrictEqual(eventsOf(again), eventsOf(decision))
      if (!again.accepted) deepStrictEqual(again, decision)
      deepStrictEqual(plain(before), untouched)
    })
  )
})

t.test('replay', async (t) => {
  const replayed = fc.property(steps, fc.nat(60), (walked, cut) => {
    const turns = trajectory(walked)
    const whole = walkTo(walked)
    const tail = turns.slice(cut)
    const snapshot = tail[0]?.before ?? whole
    const fold = (from: typeof whole, part: readonly Turn[]) =>
      part.reduce((state, { decision, context }) => evolveAll(state, eventsOf(decision), context), from)

    const prefix = fold(initial(storeId, sku), turns.slice(0, cut))
    deepStrictEqual(plain(prefix), plain(snapshot), 'the events up to the snapshot give the snapshot')
    deepStrictEqual(plain(fold(prefix, tail)), plain(whole), 'and those after it the rest')
    deepStrictEqual(plain(fold(snapshot, tail)), plain(whole), 'from the snapshot itself too')

    const next = tail[0]
    if (next === undefined) return
    const decision = decide(prefix, next.command, next.context)
    deepStrictEqual(eventsOf(decision), eventsOf(next.decision), 'a replayed state decides the same')
  })
  holds(t, 'the events give the state, from the start and from any snapshot', replayed)
})

t.test('expiry', async (t) => {
  const context = (at: number) => ({ unitId: 'w-expiry', at })
  holds(
    t,
    'a view at an instant shows what expiring at that instant leads to',
    fc.property(steps, instants, (walked, at) => {
      const state = walkTo(walked)
      const expired = expire(state, context(at)).state
      const seen = viewAt(state, at)
      deepStrictEqual([seen.qty, seen.reserved], [expired.qty, expired.reserved])
      equal(seen.version, state.version)
    })
  )
  holds(
    t,
    'a reservation holds nothing from its expiry on and everything before it, whenever that is decided',
    fc.property(steps, instants, (walked, at) => {
      const state = walkTo(walked)
      const { events, state: after } = expire(state, context(at))
      const due = plain(state).reservations.filter(({ expiresAt = Infinity }) => expiresAt <= at)
      deepStrictEqual(
        events.map((event) => event.type === 'expired' && [event.reservationId, event.units]).sort(),
        due.map(({ id, units }) => [id, units]).sort()
      )
      ok(plain(after).soonestExpiry > at)
    })
  )
  holds(
    t,
    'expiring is deterministic, idempotent, and the same in one go or in two',
    fc.property(steps, instants, instants, (walked, one, other) => {
      const state = walkTo(walked)
      const [early, late] = [Math.min(one, other), Math.max(one, other)]
      const once = expire(state, context(late))
      deepStrictEqual(expire(state, context(late)).events, once.events)
      deepStrictEqual(expire(once.state, context(late)).events, [])
      deepStrictEqual(expire(once.state, context(early)).events, [], 'nor does the clock set back undo it')

      const first = expire(state, context(early))
      const second = expire(first.state, context(late))
      const ids = (events: typeof once.events) =>
        events.map((event) => 'units' in event && event.reservationId)
      deepStrictEqual([...ids(first.events), ...ids(second.events)], ids(once.events))
      const { qty, reserved, version } = once.state
      deepStrictEqual(
        [second.state.qty, second.state.reserved, second.state.version],
        [qty, reserved, version]
      )
    })
  )
})
