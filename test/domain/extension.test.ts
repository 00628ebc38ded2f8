import t from 'tap'
import { evolve, ImpossibleEventError } from '../../domain/evolution.ts'
import {
  adjusted,
  committed,
  extended,
  given,
  released,
  reserved,
  stateAfter,
  versions
} from './decider-specification.ts'
import { plain } from './plain-state.ts'

const extend = (reservationId: string, expiresAt: number) =>
  ({ type: 'extend', reservationId, expiresAt }) as const
const event = { type: 'extended', reservationId: 'r-1', units: 4, delta: 0, qty: 6, reserved: 4 } as const

t.test('an open reservation ends at another instant, sooner or later', async (t) => {
  const record = given(adjusted(10), reserved('r-1', 4, 500))
  for (const expiresAt of [501, 900, 200]) {
    record
      .when(extend('r-1', expiresAt), 100)
      .then(t, `at ${expiresAt} instead of 500`, { ...event, expiresAt, version: 3 })
  }
  record
    .when({ ...extend('r-1', 900), precondition: versions(2), reference: 'CALL-1' }, 499)
    .then(t, 'until the instant before its expiry', {
      ...event,
      expiresAt: 900,
      version: 3,
      reference: 'CALL-1'
    })
  given(adjusted(10), reserved('r-1', 4))
    .when(extend('r-1', 900))
    .then(t, 'though it would never have ended', { ...event, expiresAt: 900, version: 3 })
  given(adjusted(10), reserved('r-1', 6, 500), released('r-1', 2))
    .when(extend('r-1', 900))
    .then(t, 'for what it still holds', { ...event, expiresAt: 900, version: 4 })
})

t.test('from then on the new instant counts, and the old one does not', async (t) => {
  const record = given(adjusted(10), reserved('r-1', 4, 500), extended('r-1', 4, 900))
  record.when({ type: 'commit', reservationId: 'r-1' }, 899).then(t, 'it holds until then', {
    ...{ type: 'committed', reservationId: 'r-1', units: 4, delta: 0, qty: 6, reserved: 0 },
    version: 4
  })
  record
    .when({ type: 'expire', countMax: 9 }, 899)
    .thenRefused(t, 'nothing is due before', { code: 'nothing_expired' })
  record.when({ type: 'expire', countMax: 9 }, 900).then(t, 'it is due then', {
    ...{ type: 'expired', reservationId: 'r-1', units: 4, delta: 4, qty: 10, reserved: 0 },
    version: 4
  })
  const after = stateAfter(adjusted(10), reserved('r-1', 4, 500), extended('r-1', 4, 300))
  t.match(plain(after), { soonestExpiry: 300, reservations: [{ id: 'r-1', units: 4, expiresAt: 300 }] })
})

t.test('what has ended is not extended', async (t) => {
  given(adjusted(10), reserved('r-1', 4, 500))
    .when(extend('r-1', 900), 500)
    .thenRefused(t, 'once its time has passed, though no event says so', {
      code: 'reservation_not_found',
      reservationId: 'r-1',
      ended: { status: 'expired', at: 500 }
    })
  given(adjusted(10), reserved('r-1', 4), committed('r-1', 4))
    .when(extend('r-1', 900))
    .thenRefused(t, 'once it is committed', { code: 'reservation_not_found', reservationId: 'r-1' })
  given(adjusted(10), reserved('r-1', 4))
    .when({ ...extend('r-1', 900), precondition: versions(1) })
    .thenRefused(t, 'nor at another version', { code: 'version_conflict', expected: 1, actual: 2 })
})

t.test('expiring is bounded, first to expire first', async (t) => {
  given(adjusted(9), reserved('r-1', 1, 300), reserved('r-2', 2, 200), reserved('r-3', 3, 100))
    .when({ type: 'expire', countMax: 2 }, 1000)
    .then(
      t,
      'two of three',
      { type: 'expired', reservationId: 'r-3', units: 3, delta: 3, qty: 6, reserved: 3, version: 5 },
      { type: 'expired', reservationId: 'r-2', units: 2, delta: 2, qty: 8, reserved: 1, version: 6 }
    )
  given(adjusted(9))
    .when({ type: 'expire', countMax: 2 })
    .thenRefused(t, 'nothing', { code: 'nothing_expired' })
})

t.test('an extension that cannot have happened', async (t) => {
  const state = stateAfter(adjusted(10), reserved('r-1', 4, 500))
  const facts = { storeId: state.storeId, sku: state.sku, base: 'w-2', version: 3, expiresAt: 900 }
  t.ok(evolve(state, { ...facts, ...event }, 'w-3', 3))
  for (const wrong of [{ units: 3 }, { reservationId: 'r-2' }, { delta: 1, qty: 7 }, { reserved: 5 }]) {
    t.throws(() => evolve(state, { ...facts, ...event, ...wrong }, 'w-3', 3), ImpossibleEventError)
  }
  t.throws(
    () =>
      evolve(stateAfter(adjusted(10)), { ...facts, ...event, version: 2, qty: 10, reserved: 0 }, 'w-3', 3),
    ImpossibleEventError
  )
})
