import t from 'tap'
import { bareKey, sequencedEvents } from '../../domain/logged-unit.ts'
import { isRemembered, type Refusal, type RefusalCode } from '../../domain/refusals.ts'
import { adjust, key, line, reserve, separate, stocked, storeId, write } from './units.ts'

t.test('readers get each event with its place, its unit, who did it and under which key', async (t) => {
  const book = stocked({ a: 10 })
  write(book, separate([reserve('a', 1, 'r-1', 50)], { at: 10 }), 'w-1')
  const asked = separate([adjust('a', -1), line(adjust('a', -2), key('line')), adjust('b', -1)], {
    identity: key('whole'),
    actor: 'till-1'
  })
  const { logged } = write(book, asked, 'w-2')
  if (logged === undefined) return t.fail('nothing logged')
  const common = { at: 100, unitId: 'w-2', actor: 'till-1' }
  const [expired, first, second] = logged.events
  t.strictSame(sequencedEvents(logged, 3), [
    { ...common, sequence: 3, event: expired },
    { ...common, sequence: 4, idempotencyKey: 'whole', event: first },
    { ...common, sequence: 5, idempotencyKey: 'line', event: second }
  ])
})

t.test('an event without actor and key says nothing of them', async (t) => {
  const { logged } = write(stocked({}), separate([adjust('a', 1)]), 'w-1')
  if (logged === undefined) return t.fail('nothing logged')
  t.strictSame(sequencedEvents(logged, 1), [{ sequence: 1, at: 100, unitId: 'w-1', event: logged.events[0] }])
})

t.test('a key is told as its caller gave it', async (t) => {
  t.equal(bareKey('anonymous k-1'), 'k-1')
  t.equal(bareKey('caller 7 k-1'), 'k-1')
})

t.test('which refusals a key remembers', async (t) => {
  const remembered: Readonly<Record<RefusalCode, boolean>> = {
    not_found: true,
    version_conflict: true,
    reservation_not_found: true,
    reservation_exceeded: true,
    insufficient_stock: true,
    already_exists: true,
    reservations_open: true,
    quantity_overflow: false,
    nothing_expired: false,
    idempotency_conflict: false
  }
  for (const [code, expected] of Object.entries(remembered)) {
    t.equal(isRemembered({ code, storeId, sku: 'a' } as unknown as Refusal), expected, code)
  }
})
