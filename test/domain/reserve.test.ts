import t from 'tap'
import type { Reserve } from '../../domain/commands.ts'
import { ImpossibleEventError } from '../../domain/evolution.ts'
import { adjusted, given, released, reserved, versions, type AskedCommand } from './decider-specification.ts'

const reserve = (qty: number, reservationId: string, more: Partial<Reserve> = {}): AskedCommand => ({
  type: 'reserve',
  qty,
  reservationId,
  ...more
})

t.test('a reservation moves units from the quantity to what is held', async (t) => {
  given(adjusted(10)).when(reserve(4, 'r-1')).then(t, 'for good where it has no expiry', {
    type: 'reserved',
    reservationId: 'r-1',
    units: 4,
    delta: -4,
    qty: 6,
    reserved: 4,
    version: 2
  })
  given(adjusted(10), reserved('r-1', 4))
    .when(reserve(6, 'r-2', { expiresAt: 500, reason: 'basket', reference: 'order-9' }))
    .then(t, 'until its expiry, beside others, to the last unit', {
      type: 'reserved',
      reservationId: 'r-2',
      units: 6,
      expiresAt: 500,
      delta: -6,
      qty: 0,
      reserved: 10,
      version: 3,
      reason: 'basket',
      reference: 'order-9'
    })
  given(adjusted(Number.MAX_SAFE_INTEGER))
    .when(reserve(Number.MAX_SAFE_INTEGER, 'r-1'))
    .then(t, 'however many there are', {
      type: 'reserved',
      reservationId: 'r-1',
      units: Number.MAX_SAFE_INTEGER,
      delta: -Number.MAX_SAFE_INTEGER,
      qty: 0,
      reserved: Number.MAX_SAFE_INTEGER,
      version: 2
    })
})

t.test('a reservation is refused', async (t) => {
  given().when(reserve(1, 'r-1')).thenRefused(t, 'on a record that does not exist', { code: 'not_found' })
  given(adjusted(3))
    .when(reserve(4, 'r-1'))
    .thenRefused(t, 'where there is less', { code: 'insufficient_stock', requested: 4, available: 3 })
  given(adjusted(10), reserved('r-1', 8))
    .when(reserve(3, 'r-2'))
    .thenRefused(t, 'where others hold what it needs', {
      code: 'insufficient_stock',
      requested: 3,
      available: 2
    })
  given(adjusted(10))
    .when(reserve(1, 'r-1', { precondition: versions(2) }))
    .thenRefused(t, 'on another version', { code: 'version_conflict', expected: 2, actual: 1 })
})

t.test('an id is free again once its reservation is resolved, and never while it is open', async (t) => {
  given(adjusted(10), reserved('r-1', 4), released('r-1', 4))
    .when(reserve(2, 'r-1'))
    .then(t, 'a resolved id', {
      type: 'reserved',
      reservationId: 'r-1',
      units: 2,
      delta: -2,
      qty: 8,
      reserved: 2,
      version: 4
    })
  t.throws(
    () => given(adjusted(10), reserved('r-1', 4)).when(reserve(2, 'r-1')),
    ImpossibleEventError,
    'an open id is the mistake of whoever made the id, not an answer about stock'
  )
})
