import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { StockBook } from '../../domain/book.ts'
import { ImpossibleEventError } from '../../domain/evolution.ts'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import { holds } from './property.ts'
import { adjust, atomic, key, reserve, separate, stocked, storeId, write } from './units.ts'

t.test('an empty book', async (t) => {
  const book = new StockBook()
  t.equal(book.sequence, 0)
  t.equal(book.recordCount, 0)
  t.equal(book.lastUnit(storeId, 'a'), '')
  t.match(book.state(storeId, 'a'), { storeId, sku: 'a', qty: 0, reserved: 0, version: 0 })
  t.strictSame(book.list({ storeId, limit: 10 }, 0), { records: [], hasMore: false, sequence: 0 })
  t.equal(book.history(storeId, 'a', Infinity, 10), undefined)
})

t.test('each event has the next sequence, and each record its own history, newest first', async (t) => {
  const book = stocked({ a: 10, b: 10 })
  write(book, atomic([adjust('a', -1), adjust('b', -1), adjust('a', -1)]), 'w-1')
  t.equal(book.sequence, 5)
  t.equal(book.recordCount, 2)
  t.equal(book.lastUnit(storeId, 'a'), 'w-1')
  t.strictSame(book.history(storeId, 'a', Infinity, 10), [5, 3, 1])
  t.strictSame(book.history(storeId, 'b', Infinity, 10), [4, 2])
  t.strictSame(book.history(storeId, 'a', Infinity, 2), [5, 3], 'at most so many')
  t.strictSame(book.history(storeId, 'a', 5, 10), [3, 1], 'below a sequence')
  t.strictSame(book.history(storeId, 'a', 2, 10), [1], 'of another record too')
  t.strictSame(book.history(storeId, 'a', 1, 10), [], 'and none below the first')
})

t.test('stores and SKUs are kept apart as they are spelt', async (t) => {
  const book = new StockBook()
  const pairs = [
    ['s', '85123A'],
    ['s', '85123a'],
    ['s ', '85123A'],
    ['__proto__', 'constructor'],
    ['s/8', '5123A'],
    ['s', '../../etc/passwd']
  ] as const
  for (const [index, [store, sku]] of pairs.entries()) {
    write(book, atomic([{ ...adjust(sku, index + 1), storeId: store }]), `w-${index}`)
  }
  t.equal(book.recordCount, pairs.length)
  for (const [index, [store, sku]] of pairs.entries()) {
    t.match(book.state(store, sku), { storeId: store, sku, qty: index + 1, version: 1 })
  }
})

t.test('a list shows each record as it is at an instant', async (t) => {
  const book = stocked({ b: 10, a: 5 })
  write(book, separate([reserve('b', 4, 'r-1', 500)], { at: 100 }), 'w-1')
  const at = (instant: number) =>
    book.list({ storeId, limit: 10 }, instant).records.map(({ sku, qty, reserved }) => [sku, qty, reserved])
  t.strictSame(at(499), [
    ['a', 5, 0],
    ['b', 6, 4]
  ])
  t.strictSame(at(500), [
    ['a', 5, 0],
    ['b', 10, 0]
  ])
})

const skus = fc.oneof(
  fc.string({ minLength: 1, maxLength: 3 }),
  fc.constantFrom('a', 'B', 'b', 'ä', '😀', '\uffee')
)

t.test('pages', async (t) => {
  holds(
    t,
    'the pages of a store hold each of its records once, in the order of UTF-16 code units',
    fc.property(
      fc.uniqueArray(skus, { maxLength: 20 }),
      fc.uniqueArray(skus, { maxLength: 5 }),
      fc.integer({ min: 1, max: 7 }),
      (early, late, limit) => {
        const book = stocked({})
        const all = new Set([...early, ...late])
        for (const sku of early) write(book, atomic([adjust(sku, 1)]), `w-${sku}`)
        book.list({ storeId, limit: 1 }, 0)
        for (const sku of late) write(book, atomic([adjust(sku, 1)]), `w-${sku}-late`)
        write(book, atomic([{ ...adjust('elsewhere', 1), storeId: 'store-2' }]), 'w-elsewhere')

        const read: string[] = []
        let page = book.list({ storeId, limit }, 0)
        for (;;) {
          read.push(...page.records.map(({ sku }) => sku))
          const after = read.at(-1)
          if (!page.hasMore || after === undefined) break
          deepStrictEqual(page.records.length, limit)
          page = book.list({ storeId, limit, after }, 0)
        }
        deepStrictEqual(read, [...all].sort())
      }
    )
  )
})

t.test('a unit that cannot have happened stops the book', async (t) => {
  const book = stocked({ a: 10 })
  const event = {
    storeId,
    sku: 'a',
    base: 's-a',
    type: 'adjusted',
    delta: -11,
    qty: -1,
    reserved: 0
  } as const
  const unit: LoggedUnit = {
    id: 'w-1',
    at: 100,
    events: [{ ...event, version: 2 }],
    answers: [{ ...key('k'), lines: [0] }]
  }
  t.throws(() => book.apply(unit), ImpossibleEventError)
  t.match(book.state(storeId, 'a'), { qty: 10, version: 1, lastUnit: 's-a' })
  t.equal(book.sequence, 1)
  t.equal(book.answers.size, 0)
})
