import t from 'tap'
import type { Adjust } from '../../domain/commands.ts'
import { adjusted, given, reserved, versions, type AskedCommand } from './decider-specification.ts'

const adjust = (delta: number, more: Partial<Adjust> = {}): AskedCommand => ({
  type: 'adjust',
  delta,
  ...more
})
const most = Number.MAX_SAFE_INTEGER

t.test('an adjustment changes the quantity by its delta', async (t) => {
  given().when(adjust(10)).then(t, 'the first one in creates the record at version 1', {
    type: 'adjusted',
    delta: 10,
    qty: 10,
    reserved: 0,
    version: 1
  })
  given(adjusted(10))
    .when(adjust(-4))
    .then(t, 'units go out', { type: 'adjusted', delta: -4, qty: 6, reserved: 0, version: 2 })
  given(adjusted(10))
    .when(adjust(-10))
    .then(t, 'to the last one', { type: 'adjusted', delta: -10, qty: 0, reserved: 0, version: 2 })
  given(adjusted(10), reserved('r-1', 4))
    .when(adjust(5))
    .then(t, 'and leaves what is reserved', { type: 'adjusted', delta: 5, qty: 11, reserved: 4, version: 3 })
  given(adjusted(10))
    .when(adjust(1, { reason: 'count', reference: 'doc-7' }))
    .then(t, 'the event keeps the reason and the reference', {
      type: 'adjusted',
      delta: 1,
      qty: 11,
      reserved: 0,
      version: 2,
      reason: 'count',
      reference: 'doc-7'
    })
  given(adjusted(10))
    .when(adjust(1, { reference: 'doc-7' }))
    .then(t, 'a reference alone', {
      type: 'adjusted',
      delta: 1,
      qty: 11,
      reserved: 0,
      version: 2,
      reference: 'doc-7'
    })
})

t.test('an adjustment is refused', async (t) => {
  given()
    .when(adjust(-1))
    .thenRefused(t, 'where it takes from a record that does not exist', { code: 'not_found' })
  given(adjusted(10)).when(adjust(-11)).thenRefused(t, 'where it takes more than there is', {
    code: 'insufficient_stock',
    requested: 11,
    available: 10
  })
  given(adjusted(10), reserved('r-1', 4))
    .when(adjust(-7))
    .thenRefused(t, 'where only reserved units would cover it', {
      code: 'insufficient_stock',
      requested: 7,
      available: 6
    })
  given(adjusted(most)).when(adjust(1)).thenRefused(t, 'where the quantity would not be a safe integer', {
    code: 'quantity_overflow',
    quantity: most,
    delta: 1
  })
  given(adjusted(most), reserved('r-1', most))
    .when(adjust(1))
    .thenRefused(t, 'where what is on hand would not be a safe integer', {
      code: 'quantity_overflow',
      quantity: 0,
      delta: 1
    })
  given(adjusted(most))
    .when(adjust(most))
    .thenRefused(t, 'however large both are', { code: 'quantity_overflow', quantity: most, delta: most })
})

t.test('the edge of the safe integers is still inside', async (t) => {
  given(adjusted(most - 1))
    .when(adjust(1))
    .then(t, 'up to it', { type: 'adjusted', delta: 1, qty: most, reserved: 0, version: 2 })
  given(adjusted(most))
    .when(adjust(-most))
    .then(t, 'and all the way down', { type: 'adjusted', delta: -most, qty: 0, reserved: 0, version: 2 })
})

t.test('a precondition speaks of the version before the command', async (t) => {
  const applied = { type: 'adjusted', delta: 1, qty: 12, reserved: 0, version: 3 } as const
  const record = given(adjusted(10), adjusted(1))
  record.when(adjust(1, { precondition: versions(2) })).then(t, 'its version', applied)
  record.when(adjust(1, { precondition: versions(7, 2) })).then(t, 'one of several', applied)
  record.when(adjust(1, { precondition: { kind: 'exists' } })).then(t, 'any version', applied)
  record
    .when(adjust(1, { precondition: versions(1) }))
    .thenRefused(t, 'a stale version', { code: 'version_conflict', expected: 1, actual: 2 })
  record
    .when(adjust(1, { precondition: versions(1, 3) }))
    .thenRefused(t, 'none of several', { code: 'version_conflict', expected: [1, 3], actual: 2 })
  record
    .when(adjust(1, { precondition: versions() }))
    .thenRefused(t, 'a list that nothing matches', { code: 'version_conflict', expected: [], actual: 2 })
  record
    .when(adjust(1, { precondition: { kind: 'absent' } }))
    .thenRefused(t, 'create only, on a record that exists', {
      code: 'version_conflict',
      expected: 0,
      actual: 2
    })
})

t.test('a precondition on a record that does not exist', async (t) => {
  const created = { type: 'adjusted', delta: 5, qty: 5, reserved: 0, version: 1 } as const
  given()
    .when(adjust(5, { precondition: { kind: 'absent' } }))
    .then(t, 'create only creates', created)
  given()
    .when(adjust(5, { precondition: versions(0) }))
    .then(t, 'version 0 creates', created)
  given()
    .when(adjust(5, { precondition: { kind: 'exists' } }))
    .thenRefused(t, 'any existing one', { code: 'version_conflict', expected: '*', actual: 0 })
  given()
    .when(adjust(5, { precondition: versions(1) }))
    .thenRefused(t, 'a version it never had', { code: 'version_conflict', expected: 1, actual: 0 })
})
