// A book of captured parts is the book it was captured of, and goes on like it; the capture stays what it was.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { StockBook, type BookParts } from '../../domain/book.ts'
import { PackedNumbers } from '../../domain/packed-numbers.ts'
import { SequenceChain } from '../../domain/sequence-chain.ts'
import { plain } from './plain-state.ts'
import { holds } from './property.ts'
import { adjust, key, reserve, separate, storeId, write } from './units.ts'

/** What a capture says, all of it drawn. */
function drawn(book: StockBook): BookParts {
  const capture = book.capture()
  const answerParts = [...capture.answers.parts]
  const keys = answerParts.flatMap((part) => part.keys)
  const answersInOne = [{ keys, answers: answerParts.flatMap((part) => part.answers) }]
  const answers = { ...capture.answers, parts: answersInOne }
  const parts = { ...capture, records: [...capture.records], chain: [...capture.chain], answers }
  capture.release()
  return parts
}

function filled(count: number): StockBook {
  const book = new StockBook()
  for (let index = 0; index < count; index += 1) {
    const unit = separate([adjust(`sku-${index}`, index + 1)], {
      at: index,
      identity: key(`k${index}`, 'f', index)
    })
    write(book, unit, index % 3 === 0 ? `odd name ${index}` : `w-${index}`)
  }
  return book
}

t.test('more records than a block holds', async (t) => {
  const book = filled(5000)
  write(book, separate([reserve('sku-7', 3, 'r-1', 900), reserve('sku-7', 2, 'r-2')]), 'w-9001')
  const product = { type: 'create_product', storeId, sku: 'p', name: 'pen', available: 0, price: 5 } as const
  write(book, separate([product]), 'w-9002')
  write(book, separate([{ type: 'delete_product', storeId, sku: 'p' }]), 'w-9003')
  const again = new StockBook(drawn(book))
  t.equal(again.sequence, 5004)
  t.equal(again.recordCount, 5001)
  t.equal(again.answers.size, book.answers.size)
  t.strictSame([book.openReservations, again.openReservations], [2, 2])
  for (const sku of ['sku-0', 'sku-7', 'sku-4095', 'sku-4096', 'sku-4999', 'p', 'none']) {
    t.strictSame(plain(again.state(storeId, sku)), plain(book.state(storeId, sku)), sku)
    t.strictSame(again.history(storeId, sku, Infinity, 10), book.history(storeId, sku, Infinity, 10))
  }
  for (const after of [undefined, 'sku-4', 'sku-999']) {
    const query = after === undefined ? { storeId, limit: 20 } : { storeId, limit: 20, after }
    const page = (of: StockBook) => of.list(query, 0).records.map((record) => plain(record as never))
    t.strictSame(page(again), page(book))
  }
  t.equal(JSON.stringify(drawn(new StockBook(drawn(again))).answers), JSON.stringify(drawn(book).answers))
})

t.test('a book goes on while its capture is drawn', async (t) => {
  const book = filled(4500)
  const before = drawn(book)
  const capture = book.capture()
  const [records, chain] = [capture.records[Symbol.iterator](), capture.chain]
  const first = records.next().value!
  // Records that were drawn, that were not, and new ones; and the capture of a restored book does the same.
  for (const sku of ['sku-1', 'sku-4499', 'new']) write(book, separate([adjust(sku, 100)]), `x-${sku}`)
  write(book, separate([adjust('sku-4499', 100)]), 'x-2')
  book.forgetHistoryBelow(4000)
  const rest = [...{ [Symbol.iterator]: () => records }]
  const then = new StockBook({ ...capture, records: [first, ...rest], chain })
  capture.release()
  t.strictSame(
    [first, ...rest].flatMap(({ skus }) => skus),
    before.records instanceof Array ? before.records.flatMap(({ skus }) => skus) : []
  )
  t.match(then.state(storeId, 'sku-4499'), { qty: 4500, version: 1, lastUnit: 'w-4499' })
  t.equal(then.state(storeId, 'new').version, 0)
  t.equal(then.oldestSequence, 1)
  t.equal(book.state(storeId, 'sku-4499').version, 3)
  t.strictSame(book.history(storeId, 'sku-4499', Infinity, 9), [4504, 4502, 4500])
  t.strictSame(book.history(storeId, 'sku-1', Infinity, 9), [4501], 'the rest is forgotten')
})

t.test('a chain over several chunks, of which the first are forgotten', async (t) => {
  const chain = new SequenceChain()
  for (let sequence = 1; sequence <= 140_000; sequence += 1) chain.append(Math.max(0, sequence - 1000))
  for (const oldest of [1, 65_536, 65_537, 70_000, 131_072, 131_073, 140_000, 140_001]) {
    chain.forgetBelow(oldest)
    const again = SequenceChain.restore(oldest, chain.last, chain.capture())
    for (const both of [again, chain]) {
      const walked = both.walk(139_999, Infinity, 1000)
      t.strictSame(walked.at(-1) ?? oldest, oldest > 139_999 ? oldest : walked.at(-1))
      t.ok(walked.every((sequence, index) => sequence >= oldest && sequence === 139_999 - index * 1000))
      t.equal(walked.length, Math.max(0, Math.floor((139_999 - oldest) / 1000) + 1))
    }
    t.equal(again.append(7), 140_001)
    t.strictSame(again.walk(140_001, Infinity, 1), [140_001])
  }
  t.throws(() => SequenceChain.restore(1, 140_000, chain.capture()), RangeError)
  t.throws(() => SequenceChain.restore(140_001, 140_003, []), RangeError)
})

t.test('packed numbers are the numbers', async (t) => {
  const numbers = fc.oneof(
    fc.array(fc.integer({ min: -5, max: 300 })),
    fc.array(fc.integer({ min: 1.7e12, max: 1.7e12 + 2 ** 31 - 1 })),
    fc.array(fc.maxSafeInteger()),
    fc.array(fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)))
  )
  const property = fc.property(numbers, (given) => {
    const packed = PackedNumbers.of(Float64Array.from(given))
    assert.deepEqual(
      given.map((_, index) => packed.at(index)),
      given
    )
    const copy = new Float64Array(given.length + 1)
    packed.copyTo(copy, 1)
    assert.deepEqual([...copy.subarray(1)], given)
  })
  holds(t, 'any of them', property)
  t.equal(PackedNumbers.of(Float64Array.of(1e12, 1e12 + 255)).values.BYTES_PER_ELEMENT, 1)
})
