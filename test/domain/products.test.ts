import t from 'tap'
import { StockBook } from '../../domain/book.ts'
import { evolve, ImpossibleEventError } from '../../domain/evolution.ts'
import type { StockEvent } from '../../domain/events.ts'
import { exists } from '../../domain/record.ts'
import {
  adjusted,
  created,
  deleted,
  given,
  reserved,
  sku,
  stateAfter,
  storeId,
  versions,
  type AskedCommand
} from './decider-specification.ts'

const create: AskedCommand = { type: 'create_product', name: 'Mug', available: 7, price: 4.5 }
const remove: AskedCommand = { type: 'delete_product' }
const mug = { name: 'Mug', price: 4.5 }
const most = Number.MAX_SAFE_INTEGER

t.test('a product is created where there is none', async (t) => {
  const event = { type: 'product_created' as const, delta: 7, qty: 7, reserved: 0, ...mug }
  given()
    .when(create)
    .then(t, 'at version 1', { ...event, version: 1 })
  given(created(5), deleted(-5))
    .when(create)
    .then(t, 'where it was deleted the version goes on', { ...event, version: 3 })
  given(created(5)).when(create).thenRefused(t, 'not twice', { code: 'already_exists' })
  given(adjusted(5)).when(create).thenRefused(t, 'nor over a record', { code: 'already_exists' })
})

t.test('what is set of a product changes, and the rest stays', async (t) => {
  const event = { type: 'product_modified' as const, version: 2, reserved: 0, ...mug }
  given(created(5))
    .when({ type: 'set_product', price: 3 })
    .then(t, 'the price', { ...event, delta: 0, qty: 5, price: 3 })
  given(created(5))
    .when({ type: 'set_product', name: 'Cup', available: 2 })
    .then(t, 'the name and the quantity', { ...event, delta: -3, qty: 2, name: 'Cup' })
  given(created(5), reserved('r-1', 4))
    .when({ type: 'set_product', available: 9 })
    .then(t, 'what is held stays held', { ...event, delta: 8, qty: 9, reserved: 4, version: 3 })
  given(adjusted(5))
    .when({ type: 'set_product', price: 3 })
    .then(t, 'a record without a name goes by its SKU', { ...event, delta: 0, qty: 5, name: sku, price: 3 })
  given(created(5))
    .when({ type: 'set_product', price: 3, precondition: versions(2) })
    .thenRefused(t, 'another version', { code: 'version_conflict', expected: 2, actual: 1 })
  given().when({ type: 'set_product', price: 3 }).thenRefused(t, 'no product', { code: 'not_found' })
  given(created(5), reserved('r-1', 4))
    .when({ type: 'set_product', available: most })
    .thenRefused(t, 'too many to count', { code: 'quantity_overflow', quantity: 1, delta: most - 1 })
})

t.test('a deleted product is gone but for its history', async (t) => {
  given(created(5))
    .when(remove)
    .then(t, 'with all its units', { type: 'product_deleted', delta: -5, qty: 0, reserved: 0, version: 2 })
  given(created(5), reserved('r-1', 4, 100))
    .when(remove, 99)
    .thenRefused(t, 'not while units are held', { code: 'reservations_open', qty: 1, reserved: 4 })
  given(created(5), reserved('r-1', 4, 100))
    .when(remove, 100)
    .then(
      t,
      'those of a lapsed reservation are not',
      { type: 'expired', reservationId: 'r-1', units: 4, delta: 4, qty: 5, reserved: 0, version: 3 },
      { type: 'product_deleted', delta: -5, qty: 0, reserved: 0, version: 4 }
    )
  const gone = given(created(5), deleted(-5))
  for (const command of [
    remove,
    { type: 'set_product', price: 1 },
    { type: 'adjust', delta: 5 },
    { type: 'reserve', qty: 1, reservationId: 'r-1' },
    { type: 'release', reservationId: 'r-1' }
  ] satisfies AskedCommand[]) {
    gone.when(command).thenRefused(t, `${command.type} finds nothing`, { code: 'not_found' })
  }
})

t.test('an adjustment of what must exist creates nothing, and keeps who asked', async (t) => {
  const asked: AskedCommand = { type: 'adjust', delta: 5, existingOnly: true, askedBy: 'store-9' }
  given().when(asked).thenRefused(t, 'no record', { code: 'not_found' })
  given(created(5)).when(asked).then(t, 'a record', {
    type: 'adjusted',
    delta: 5,
    qty: 10,
    reserved: 0,
    version: 2,
    askedBy: 'store-9'
  })
})

t.test('events of products that cannot have happened', async (t) => {
  const facts = { storeId, sku, base: 'w-1', version: 2, reserved: 0 }
  const impossible: [string, StockEvent, ReturnType<typeof stateAfter>, RegExp][] = [
    [
      'created over a record',
      { ...facts, ...created(1), qty: 6 } as StockEvent,
      stateAfter(created(5)),
      /exists/
    ],
    [
      'deleted and units left',
      { ...facts, ...deleted(-4), qty: 1 } as StockEvent,
      stateAfter(created(5)),
      /left/
    ],
    [
      'deleted while units are held',
      { ...facts, ...deleted(-1), version: 3, qty: 0, reserved: 4 } as StockEvent,
      stateAfter(created(5), reserved('r-1', 4)),
      /left/
    ],
    [
      'modified before it was',
      { ...facts, ...mug, type: 'product_modified', delta: 1, version: 1, qty: 1 },
      stateAfter(),
      /no record/
    ],
    [
      'adjusted after its end',
      { ...facts, ...adjusted(1), version: 3, qty: 1 } as StockEvent,
      stateAfter(created(5), deleted(-5)),
      /was deleted/
    ]
  ]
  for (const [name, event, state, why] of impossible) {
    t.throws(() => evolve(state, event, 'w-9', 9), { name: ImpossibleEventError.name, message: why }, name)
  }
})

t.test('a list leaves deleted products out, whenever it is first asked', async (t) => {
  for (const listedBefore of [true, false]) {
    const book = new StockBook()
    let count = 0
    const apply = (type: 'create_product' | 'delete_product', of: string): void => {
      count += 1
      const state = book.state(storeId, of)
      const facts = { storeId, sku: of, base: state.lastUnit, reserved: 0, version: state.version + 1 }
      const event: StockEvent =
        type === 'create_product'
          ? { type: 'product_created', ...facts, delta: 3, qty: 3, name: of, price: 1 }
          : { type: 'product_deleted', ...facts, delta: -state.qty, qty: 0 }
      book.apply({ id: `w-${count}`, at: count, events: [event] })
    }
    const listed = () => book.list({ storeId, limit: 10 }, 100).records.map((record) => record.sku)
    for (const of of ['a', 'b', 'c']) apply('create_product', of)
    if (listedBefore) t.strictSame(listed(), ['a', 'b', 'c'])
    apply('delete_product', 'b')
    t.strictSame(listed(), ['a', 'c'])
    t.strictSame(book.history(storeId, 'b', Infinity, 10), [4, 2], 'its history stays')
    t.notOk(exists(book.state(storeId, 'b')))
    apply('create_product', 'b')
    t.strictSame(listed(), ['a', 'b', 'c'])
    t.match(book.list({ storeId, limit: 10 }, 100), { sequence: 5, records: [{}, { version: 3 }] })
  }
})
