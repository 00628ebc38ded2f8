import t from 'tap'
import type { AskedCommand, ExpectedEvent } from './decider-specification.ts'
import { adjusted, committed, given, released, reserved, versions } from './decider-specification.ts'

interface Resolution {
  readonly type: 'release' | 'commit'
  readonly event: 'released' | 'committed'
  /** The share of the resolved units that goes back to the quantity. */
  readonly back: 0 | 1
}

const resolutions: readonly Resolution[] = [
  { type: 'release', event: 'released', back: 1 },
  { type: 'commit', event: 'committed', back: 0 }
]

for (const { type, event, back } of resolutions) {
  const resolve = (reservationId: string, qty?: number): AskedCommand =>
    qty === undefined ? { type, reservationId } : { type, reservationId, qty }
  const after = (units: number, held: number, version: number): ExpectedEvent => ({
    type: event,
    reservationId: 'r-1',
    units,
    delta: units * back,
    qty: 6 + units * back,
    reserved: held,
    version
  })

  t.test(`${type}: held units ${back === 1 ? 'go back to the quantity' : 'leave for good'}`, async (t) => {
    const record = given(adjusted(10), reserved('r-1', 4))
    record.when(resolve('r-1')).then(t, 'all of them where no number is named', after(4, 0, 3))
    record.when(resolve('r-1', 4)).then(t, 'all of them by number', after(4, 0, 3))
    record.when(resolve('r-1', 1)).then(t, 'some of them, and the rest stays held', after(1, 3, 3))
    record
      .when({ ...resolve('r-1', 1), reason: 'order', reference: 'order-9' })
      .then(t, 'the event keeps the reason and the reference', {
        ...after(1, 3, 3),
        reason: 'order',
        reference: 'order-9'
      })
    given(adjusted(12), reserved('r-1', 4), reserved('r-2', 2))
      .when(resolve('r-1'))
      .then(t, 'another reservation keeps its own', after(4, 2, 4))
  })

  t.test(`${type}: what is left of a reservation resolved in parts`, async (t) => {
    given(adjusted(10), reserved('r-1', 4), committed('r-1', 3))
      .when(resolve('r-1'))
      .then(t, 'is all that is resolved', after(1, 0, 4))
    given(adjusted(10), reserved('r-1', 4), committed('r-1', 3))
      .when(resolve('r-1', 2))
      .thenRefused(t, 'is all that can be resolved', {
        code: 'reservation_exceeded',
        reservationId: 'r-1',
        requested: 2,
        available: 1
      })
  })

  t.test(`${type}: refused`, async (t) => {
    given().when(resolve('r-1')).thenRefused(t, 'on a record that does not exist', { code: 'not_found' })
    given(adjusted(10))
      .when(resolve('r-1'))
      .thenRefused(t, 'where nothing is reserved', { code: 'reservation_not_found', reservationId: 'r-1' })
    given(adjusted(10), reserved('r-2', 4))
      .when(resolve('r-1', 1))
      .thenRefused(t, 'under an unknown id', { code: 'reservation_not_found', reservationId: 'r-1' })
    given(adjusted(10), reserved('r-1', 4), released('r-1', 4))
      .when(resolve('r-1'))
      .thenRefused(t, 'once it is resolved', { code: 'reservation_not_found', reservationId: 'r-1' })
    given(adjusted(10), reserved('r-1', 4)).when(resolve('r-1', 5)).thenRefused(t, 'beyond what is held', {
      code: 'reservation_exceeded',
      reservationId: 'r-1',
      requested: 5,
      available: 4
    })
    given(adjusted(10), reserved('r-1', 4))
      .when({ ...resolve('r-1'), precondition: versions(1) })
      .thenRefused(t, 'on another version', { code: 'version_conflict', expected: 1, actual: 2 })
  })
}
