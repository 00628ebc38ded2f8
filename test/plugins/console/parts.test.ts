import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import t from 'tap'

interface Parser {
  take(piece: string): { id: string; data: string }[]
}

interface Found {
  readonly records: readonly { storeId: string; sku: string; qty: number }[]
  readonly total: number
}

interface Board {
  readonly size: number
  readonly isPartial: boolean
  load(item: object, offset: number): void
  apply(event: object): void
  find(asked: object): Found
}

interface Throughput {
  add(count: number, nowMs: number): void
  series(nowMs: number): number[]
}

/** A file of the page, as the browser gets it. */
const part = <Exports>(name: string): Promise<Exports> => {
  const path = join(import.meta.dirname, '..', '..', '..', 'plugins', 'console', 'page', name)
  return import(pathToFileURL(path).href) as Promise<Exports>
}

const { EventSourceParser } = await part<{ EventSourceParser: new () => Parser }>('event-source-parser.js')
const { Board } = await part<{ Board: new (recordsMax: number) => Board }>('board.js')
const { Throughput, roundUp } = await part<{
  Throughput: new () => Throughput
  roundUp: (value: number) => number
}>('throughput.js')

t.test('events are the same wherever the stream is cut, and however its lines end', async () => {
  const lineEnd = fc.constantFrom('\n', '\r\n')
  const text = fc.string({ unit: fc.constantFrom('a', ' ', ':', '{', 'é', '😀') })
  const events = fc.array(fc.record({ id: fc.nat().map(String), data: text }), { maxLength: 6 })
  fc.assert(
    fc.property(events, lineEnd, fc.array(fc.nat({ max: 200 })), (given, end, cuts) => {
      const lines = given.flatMap(({ id, data }) => [': alive', '', `id: ${id}`, `data: ${data}`, ''])
      const stream = lines.map((line) => line + end).join('')
      const parser = new EventSourceParser()
      const places = [0, ...cuts.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length]
      const found = places.slice(1).flatMap((place, index) => parser.take(stream.slice(places[index], place)))
      return JSON.stringify(found) === JSON.stringify(given)
    })
  )
})

t.test('an event without an end is refused before it fills the memory', async (t) => {
  const parser = new EventSourceParser()
  const endless = () => {
    for (let piece = 0; piece < 20; piece++) parser.take('x'.repeat(100_000))
  }
  t.throws(endless, RangeError)
})

const everything = { text: '', storeId: '', order: 'record', max: 100 }
const stock = (qty: number) => ({ qty, reserved: 0, version: 1, updatedAt: '2026-01-15T09:30:00.000Z' })
const event = (offset: number, sku: string, qty: number, type = 'adjusted') => ({
  offset,
  timestamp: '2026-01-15T09:30:00.000Z',
  storeId: 'S1',
  productId: sku,
  version: offset,
  data: { type, delta: 1, qty, reserved: 0 }
})
const quantities = (board: Board) => board.find(everything).records.map(({ sku, qty }) => [sku, qty])

t.test('the board takes what is newer than what it has, and nothing else', async (t) => {
  const board = new Board(10)
  board.load({ sku: 'A', stores: { S1: stock(5) } }, 7)
  board.apply(event(7, 'A', 99))
  t.strictSame(quantities(board), [['A', 5]], 'that is in the model already')
  board.apply(event(8, 'A', 6))
  board.apply(event(9, 'B', 1))
  t.strictSame(quantities(board), [
    ['A', 6],
    ['B', 1]
  ])
  board.apply(event(10, 'A', 0, 'product_deleted'))
  t.strictSame(quantities(board), [['B', 1]])
  board.apply({ ...event(11, 'B', 4), data: { ...event(11, 'B', 4).data, storeId: 'central' } })
  t.strictSame(
    board.find(everything).records.map(({ storeId }) => storeId),
    ['S1', 'central'],
    'the record of the store that changed, not of the one that asked'
  )
})

t.test('the board holds as much as it may, and lets go of what changed longest ago', async (t) => {
  const board = new Board(3)
  for (const sku of ['A', 'B', 'C', 'D']) board.load({ sku, stores: { S1: stock(1) } }, 1)
  t.ok(board.isPartial)
  t.strictSame(quantities(board), [
    ['A', 1],
    ['B', 1],
    ['C', 1]
  ])
  board.apply(event(2, 'A', 2))
  board.apply(event(3, 'E', 3))
  t.strictSame(quantities(board), [
    ['A', 2],
    ['C', 1],
    ['E', 3]
  ])
  t.equal(board.find({ ...everything, max: 2 }).records.length, 2)
  t.equal(board.find({ ...everything, max: 2 }).total, 3)
})

t.test('throughput is counted by the second, for two minutes', async (t) => {
  const throughput = new Throughput()
  throughput.add(3, 1_000_100)
  throughput.add(4, 1_000_900)
  t.equal(throughput.series(1_000_950).at(-1), 0, 'a second that is not over is not shown')
  t.equal(throughput.series(1_001_000).at(-1), 7)
  const sum = (nowMs: number) => throughput.series(nowMs).reduce((all, count) => all + count, 0)
  t.equal(sum(1_119_000), 7)
  t.equal(sum(1_120_000), 0)
  throughput.add(1, 9_000_000)
  t.equal(sum(9_001_000), 1, 'after hours without a look as well')
})

t.test('the plot ends at a round number, not below what it shows', async (t) => {
  t.strictSame([0, 5, 6, 11, 20, 21, 999, 1000, 4001].map(roundUp), [5, 5, 10, 20, 20, 50, 1000, 1000, 5000])
})
