import t from 'tap'
import type { StockEvent } from '../../domain/events.ts'
import { evolve, ImpossibleEventError } from '../../domain/evolution.ts'
import type { RecordState } from '../../domain/record.ts'
import { adjusted, reserved, sku, stateAfter, storeId } from './decider-specification.ts'
import { plain } from './plain-state.ts'

const record = stateAfter(adjusted(10), reserved('r-1', 4, 500))
const facts = { storeId, sku, base: 'w-2', version: 3 }

const adjustment: StockEvent = { ...facts, type: 'adjusted', delta: 1, qty: 7, reserved: 4 }
const reservation: StockEvent = {
  ...facts,
  type: 'reserved',
  reservationId: 'r-2',
  units: 2,
  delta: -2,
  qty: 4,
  reserved: 6
}
const release: StockEvent = {
  ...facts,
  type: 'released',
  reservationId: 'r-1',
  units: 4,
  delta: 4,
  qty: 10,
  reserved: 0
}
const commit: StockEvent = { ...release, type: 'committed', delta: 0, qty: 6 }
const expiry: StockEvent = { ...release, type: 'expired' }

t.test('the events that the impossible ones are made from are possible', async (t) => {
  for (const event of [adjustment, reservation, release, commit, expiry]) {
    const { qty, reserved: held, version } = event
    t.match(evolve(record, event, 'w-3', 77), {
      qty,
      reserved: held,
      version,
      updatedAt: 77,
      lastUnit: 'w-3'
    })
  }
})

const most = Number.MAX_SAFE_INTEGER
const impossible: readonly [why: string, event: StockEvent, message: RegExp, state?: RecordState][] = [
  ['the version before', { ...adjustment, version: 2 }, /version 2 after 2/],
  ['a version left out', { ...adjustment, version: 4 }, /version 4 after 2/],
  ['no version', { ...adjustment, version: Number.NaN }, /version NaN after 2/],
  ['a quantity that does not follow', { ...adjustment, qty: 8 }, /quantity 6 and delta 1 give 8/],
  ['a delta that does not lead there', { ...adjustment, delta: 2 }, /quantity 6 and delta 2 give 7/],
  ['a quantity below zero', { ...adjustment, delta: -7, qty: -1 }, /quantity 6 and delta -7 give -1/],
  ['a broken quantity', { ...adjustment, delta: 0.5, qty: 6.5 }, /quantity 6 and delta 0.5 give 6.5/],
  ['a quantity too large to count', { ...adjustment, delta: most, qty: 6 + most }, /quantity 6 and delta/],
  ['a reserved number that does not follow', { ...adjustment, reserved: 5 }, /reserved 5 where 4 follows/],
  ['a reservation held by nothing', { ...reservation, reserved: 4 }, /reserved 4 where 6 follows/],
  ['a release that leaves it held', { ...release, reserved: 4 }, /reserved 4 where 0 follows/],
  ['less reserved than nothing', { ...commit, units: 5, reserved: -1 }, /reserved -1/],
  ['a reservation under an open id', { ...reservation, reservationId: 'r-1' }, /reserved twice/],
  [
    'a release of an unknown reservation',
    { ...release, reservationId: 'r-9' },
    /4 units of a reservation that holds 0/
  ],
  [
    'a commit of an unknown reservation',
    { ...commit, reservationId: 'r-9' },
    /4 units of a reservation that holds 0/
  ],
  [
    'an expiry of an unknown reservation',
    { ...expiry, reservationId: 'r-9' },
    /4 units of a reservation that holds 0/
  ],
  [
    'more released than its reservation holds',
    { ...release, version: 4, units: 5, delta: 5, qty: 9, reserved: 1 },
    /5 units of a reservation that holds 4/,
    stateAfter(adjusted(10), reserved('r-1', 4), reserved('r-2', 2))
  ],
  [
    'a resolution where nothing is reserved',
    { ...commit, version: 2, units: 0, qty: 10, reserved: 0 },
    /units/,
    stateAfter(adjusted(10))
  ],
  ['another SKU', { ...adjustment, sku: 'sku-2' }, /record/],
  ['another store', { ...adjustment, storeId: 'store-2' }, /record/],
  ['a reservation of no units', { ...reservation, units: 0, delta: 0, qty: 6, reserved: 4 }, /units/],
  ['a reservation of less than none', { ...reservation, units: -1, delta: 1, qty: 7, reserved: 3 }, /units/],
  ['a release of less than none', { ...release, units: -1, delta: -1, qty: 5, reserved: 5 }, /units/],
  ['a reservation that takes nothing', { ...reservation, delta: 0, qty: 6 }, /delta 0/],
  ['a release that gives nothing back', { ...release, delta: 0, qty: 6 }, /delta 0/],
  ['an expiry that gives nothing back', { ...expiry, delta: 0, qty: 6 }, /delta 0/],
  ['a commit that gives units back', { ...commit, delta: 4, qty: 10 }, /delta 4/]
]

for (const [why, event, message, state = record] of impossible) {
  t.test(`impossible: ${why}`, async (t) => {
    const untouched = plain(state)
    let thrown: unknown
    try {
      evolve(state, event, 'w-3', 77)
    } catch (error) {
      thrown = error
    }
    t.type(thrown, ImpossibleEventError)
    if (!(thrown instanceof ImpossibleEventError)) return
    t.match(thrown.message, message)
    t.equal(thrown.event, event, 'the error has the event')
    t.strictSame(plain(state), untouched, 'and the state is as it was')
  })
}
