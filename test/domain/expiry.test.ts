import t from 'tap'
import { expire } from '../../domain/decider.ts'
import { viewAt } from '../../domain/record.ts'
import { plain } from './plain-state.ts'
import {
  adjusted,
  given,
  released,
  reserved,
  sku,
  stateAfter,
  storeId,
  versions
} from './decider-specification.ts'

const late = { type: 'expired', reservationId: 'r-1', units: 4, delta: 4, qty: 10, reserved: 0 } as const

t.test('a reservation holds until the instant before its expiry', async (t) => {
  const record = given(adjusted(10), reserved('r-1', 4, 500))
  record
    .when({ type: 'reserve', qty: 7, reservationId: 'r-2' }, 499)
    .thenRefused(t, 'its units are not there', { code: 'insufficient_stock', requested: 7, available: 6 })
  record.when({ type: 'commit', reservationId: 'r-1' }, 499).then(t, 'and it can be committed', {
    type: 'committed',
    reservationId: 'r-1',
    units: 4,
    delta: 0,
    qty: 6,
    reserved: 0,
    version: 3
  })
})

t.test('from its expiry on it holds nothing, however late that is decided', async (t) => {
  const record = given(adjusted(10), reserved('r-1', 4, 500))
  for (const at of [500, 501, 1_000_000]) {
    record.when({ type: 'reserve', qty: 10, reservationId: 'r-2' }, at).then(
      t,
      `at ${at} its units are there again`,
      { ...late, version: 3 },
      {
        type: 'reserved',
        reservationId: 'r-2',
        units: 10,
        delta: -10,
        qty: 0,
        reserved: 10,
        version: 4
      }
    )
    for (const type of ['commit', 'release'] as const) {
      record.when({ type, reservationId: 'r-1' }, at).thenRefused(t, `at ${at} it is too late to ${type}`, {
        code: 'reservation_not_found',
        reservationId: 'r-1',
        ended: { status: 'expired', at: 500 }
      })
    }
    record
      .when({ type: 'adjust', delta: -11 }, at)
      .thenRefused(t, `at ${at} a refusal counts its units as free`, {
        code: 'insufficient_stock',
        requested: 11,
        available: 10
      })
  }
  record
    .when({ type: 'adjust', delta: 1, precondition: versions(2) }, 500)
    .then(
      t,
      'the version asked for is the one before the expiry',
      { ...late, version: 3 },
      { type: 'adjusted', delta: 1, qty: 11, reserved: 0, version: 4 }
    )
  given(adjusted(10), reserved('r-1', 4, 500))
    .when({ type: 'reserve', qty: 1, reservationId: 'r-1' }, 500)
    .then(
      t,
      'its id is free again',
      { ...late, version: 3 },
      { type: 'reserved', reservationId: 'r-1', units: 1, delta: -1, qty: 9, reserved: 1, version: 4 }
    )
})

t.test('several expire first to expire first, ties by id, each by an event of its own', async (t) => {
  given(
    adjusted(20),
    reserved('r-c', 1, 300),
    reserved('r-b', 2, 200),
    reserved('r-a', 3, 300),
    reserved('r-d', 4, 301),
    reserved('r-e', 5)
  )
    .when({ type: 'adjust', delta: 1 }, 300)
    .then(
      t,
      'in this order',
      { type: 'expired', reservationId: 'r-b', units: 2, delta: 2, qty: 7, reserved: 13, version: 7 },
      { type: 'expired', reservationId: 'r-a', units: 3, delta: 3, qty: 10, reserved: 10, version: 8 },
      { type: 'expired', reservationId: 'r-c', units: 1, delta: 1, qty: 11, reserved: 9, version: 9 },
      { type: 'adjusted', delta: 1, qty: 12, reserved: 9, version: 10 }
    )
})

t.test('only what is still held expires', async (t) => {
  given(adjusted(10), reserved('r-1', 4, 500), released('r-1', 3))
    .when({ type: 'adjust', delta: 1 }, 500)
    .then(
      t,
      'the rest of a reservation released in part',
      { type: 'expired', reservationId: 'r-1', units: 1, delta: 1, qty: 10, reserved: 0, version: 4 },
      { type: 'adjusted', delta: 1, qty: 11, reserved: 0, version: 5 }
    )
  given(adjusted(10), reserved('r-1', 4, 500), released('r-1', 4))
    .when({ type: 'adjust', delta: 1 }, 500)
    .then(t, 'nothing of one released', { type: 'adjusted', delta: 1, qty: 11, reserved: 0, version: 4 })
})

t.test('expiring alone', async (t) => {
  const state = stateAfter(adjusted(10), reserved('r-1', 4, 500), reserved('r-2', 1, 600))
  const early = expire(state, { unitId: 'w-9', at: 499 })
  t.strictSame(early.events, [], 'before any expiry there is nothing to do')
  t.equal(early.state, state)

  const due = expire(state, { unitId: 'w-9', at: 500 })
  const event = { ...late, storeId, sku, base: 'w-3', qty: 9, reserved: 1, version: 4 }
  t.strictSame(due.events, [event])
  t.strictSame(plain(due.state), {
    storeId,
    sku,
    product: undefined,
    deleted: false,
    qty: 9,
    reserved: 1,
    version: 4,
    updatedAt: 500,
    lastUnit: 'w-9',
    reservations: [{ id: 'r-2', units: 1, expiresAt: 600 }],
    soonestExpiry: 600
  })
})

t.test('a reader sees the expiry before an event says so', async (t) => {
  const state = stateAfter(adjusted(10), reserved('r-1', 4, 500), reserved('r-2', 1))
  t.match(viewAt(state, 499), { qty: 5, reserved: 5, version: 3, updatedAt: 3 })
  t.match(viewAt(state, 500), { qty: 9, reserved: 1, version: 3, updatedAt: 3 }, 'the version stays')
  t.match(viewAt(stateAfter(), 500), { qty: 0, reserved: 0, version: 0 })
})
