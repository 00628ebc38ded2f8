// Lists of reservations, and which records are due, against a plain list of all that there are.
import { deepStrictEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { StockBook } from '../../domain/book.ts'
import type { Command } from '../../domain/commands.ts'
import type {
  ReservationPosition,
  ReservationReading,
  ReservationStatus
} from '../../domain/reservation-pages.ts'
import { holds } from './property.ts'
import { adjust, commit, expire, extend, release, reserve, separate, storeId, write } from './units.ts'

const skus = ['a', 'b', 'c'] as const
const statuses: readonly ReservationStatus[] = ['open', 'released', 'committed', 'expired']

interface Step {
  readonly type: 'reserve' | 'release' | 'commit' | 'extend' | 'expire'
  readonly sku: (typeof skus)[number]
  readonly pick: number
  readonly at: number
  readonly expiresAt: number | undefined
}

const steps = fc.array(
  fc.record<Step>({
    type: fc.constantFrom('reserve', 'reserve', 'reserve', 'release', 'commit', 'extend', 'expire'),
    sku: fc.constantFrom(...skus),
    pick: fc.nat(40),
    at: fc.nat(1000),
    expiresAt: fc.option(fc.nat(1500), { nil: undefined })
  }),
  { maxLength: 40, size: 'max' }
)

function commandOf({ type, sku, pick, expiresAt }: Step, index: number): Command {
  const id = `r-${pick % (index + 1)}`
  if (type === 'reserve') return reserve(sku, 1, `r-${index}`, expiresAt)
  if (type === 'expire') return expire(sku)
  if (type === 'extend') return extend(sku, id, expiresAt ?? 700)
  return type === 'release' ? release(sku, id) : commit(sku, id)
}

function played(walked: readonly Step[], between: (book: StockBook, index: number) => StockBook): StockBook {
  let book = new StockBook()
  write(
    book,
    separate(
      skus.map((sku) => adjust(sku, 100)),
      { at: 0 }
    ),
    'w-0'
  )
  for (const [index, step] of walked.entries()) {
    book = between(book, index)
    write(book, separate([commandOf(step, index)], { at: step.at }), `w-${index + 1}`)
  }
  return book
}

function restarted(book: StockBook): StockBook {
  const capture = book.capture()
  const parts = { ...capture, records: [...capture.records], chain: [...capture.chain] }
  capture.release()
  return new StockBook(parts)
}

/** All of one status, in the order of the list. */
function expected(book: StockBook, status: ReservationStatus, at: number, sku?: string): string[] {
  const open = skus.flatMap((on) =>
    [...(book.state(storeId, on).open?.byId.values() ?? [])]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .filter(({ expiresAt = Infinity }) => status === (expiresAt <= at ? 'expired' : 'open'))
      .map(({ id }) => [on, id] as const)
  )
  const ended = [...book.ended.capture()].reverse().filter((one) => one.status === status)
  return [...open, ...ended.map((one) => [one.sku, one.id] as const)]
    .filter(([on]) => sku === undefined || on === sku)
    .map(([on, id]) => `${on} ${id}`)
}

/** All pages one after the other. */
function listed(book: StockBook, status: ReservationStatus, at: number, limit: number, sku?: string) {
  const found: ReservationReading[] = []
  let after: ReservationPosition | undefined
  for (;;) {
    const page = book.reservations(
      { storeId, status, limit, ...(sku && { sku }), ...(after && { after }) },
      at
    )
    ok(page && page.reservations.length <= limit)
    found.push(...page.reservations)
    if (page.next === undefined) return found
    ok(page.reservations.length === limit, 'only the last page is short')
    after = page.next
  }
}

t.test('lists of reservations', async (t) => {
  const instants = fc.nat(1600)
  holds(
    t,
    'the pages of each status hold each of its reservations once, in order, for a store or a record, also after a restart',
    fc.property(steps, instants, fc.integer({ min: 1, max: 4 }), fc.nat(60), (walked, at, limit, cut) => {
      // Listed on its way too, so that the order made then is kept up.
      const book = played(walked, (before, index) => {
        if (index === cut) listed(before, 'open', at, 3)
        return index === cut * 2 ? restarted(before) : before
      })
      for (const of of [book, restarted(book)]) {
        for (const status of statuses) {
          for (const sku of [undefined, ...skus]) {
            const found = listed(of, status, at, limit, sku)
            deepStrictEqual(
              found.map((one) => `${one.sku} ${one.id}`),
              expected(book, status, at, sku)
            )
            for (const one of found) {
              deepStrictEqual(one, of.reservation(storeId, one.sku, one.id, at))
              deepStrictEqual([one.status, one.endedAt === undefined], [status, status === 'open'])
            }
          }
        }
      }
    })
  )
  holds(
    t,
    'due is what has lapsed, first to expire first, whenever that is first asked for',
    fc.property(steps, instants, fc.nat(60), (walked, at, cut) => {
      const book = played(walked, (before, index) => {
        if (index === cut) before.due(at, 2)
        return index === cut * 2 ? restarted(before) : before
      })
      const due = skus
        .map((sku) => ({ sku, soonest: book.state(storeId, sku).open?.soonestExpiry ?? Infinity }))
        .filter(({ soonest }) => soonest <= at)
        .sort((a, b) => a.soonest - b.soonest || (a.sku < b.sku ? -1 : 1))
        .map(({ sku, soonest }) => ({ storeId, sku, expiresAt: soonest }))
      deepStrictEqual(book.due(at, 10), due)
      deepStrictEqual(book.due(at, 1), due.slice(0, 1))
      deepStrictEqual(restarted(book).due(at, 10), due)
    })
  )
})

t.test('what is not there', async (t) => {
  const book = new StockBook()
  t.strictSame(book.reservations({ storeId, status: 'open', limit: 5 }, 1), { reservations: [] })
  t.equal(book.reservations({ storeId, sku: 'a', status: 'open', limit: 5 }, 1), undefined)
  t.strictSame(book.due(1, 5), [])
  write(book, separate([adjust('a', 1)]), 'w-1')
  t.strictSame(book.reservations({ storeId, sku: 'a', status: 'expired', limit: 5 }, 1), { reservations: [] })
})
