// Whoever comes too late is told what was first, as long as it is remembered, and always the same.
import t from 'tap'
import { StockBook } from '../../domain/book.ts'
import type { Command } from '../../domain/commands.ts'
import { Draft } from '../../domain/draft.ts'
import { ENDED_KEPT_MAX, EndedReservations } from '../../domain/ended-reservations.ts'
import type { Outcome } from '../../domain/unit.ts'
import {
  adjust,
  atomic,
  commit,
  expire,
  extend,
  key,
  release,
  reserve,
  separate,
  storeId,
  write
} from './units.ts'

const refusalOf = ({ outcome }: { readonly outcome: Outcome }): unknown => {
  const results = outcome.kind === 'answered' ? outcome.answer.results : []
  const last = results.at(-1)
  return last?.applied === false ? last.refusal : last
}
const notOpen = (ended?: object, reservationId = 'r-1') => ({
  code: 'reservation_not_found',
  storeId,
  sku: 'a',
  reservationId,
  ...(ended && { ended })
})

/** A book with a reservation of 4 units that ends at 900 by itself. */
function held(): StockBook {
  const book = new StockBook()
  write(book, atomic([adjust('a', 10), reserve('a', 4, 'r-1', 900)]), 'w-1')
  return book
}

t.test('a second resolution is told which one was first', async (t) => {
  const endings: readonly [string, Command, number, object][] = [
    ['released', release('a', 'r-1'), 200, { status: 'released', at: 200 }],
    ['committed', commit('a', 'r-1'), 300, { status: 'committed', at: 300 }],
    ['expired by itself, and then written down', expire('a'), 1500, { status: 'expired', at: 900 }]
  ]
  for (const [name, first, at, ended] of endings) {
    const book = held()
    write(book, separate([first], { at }), 'w-2')
    for (const second of [release('a', 'r-1'), commit('a', 'r-1'), extend('a', 'r-1', 5000)]) {
      const told = new Draft(book).propose(separate([second], { at: at + 5 }), 'w-3')
      t.strictSame(refusalOf(told), notOpen(ended), `${second.type} of one ${name}`)
    }
  }
})

t.test('part of it is no end, the last part is', async (t) => {
  const book = held()
  write(book, separate([{ ...release('a', 'r-1'), qty: 3 }], { at: 200 }), 'w-2')
  t.match(book.reservation(storeId, 'a', 'r-1', 250), { status: 'open', qty: 1, expiresAt: 900 })
  write(book, separate([commit('a', 'r-1')], { at: 300 }), 'w-3')
  t.strictSame(book.reservation(storeId, 'a', 'r-1', 400), {
    ...{ storeId, sku: 'a', id: 'r-1', status: 'committed', qty: 1, endedAt: 300 }
  })
  t.equal(book.reservation(storeId, 'a', 'r-2', 400), undefined)
  t.equal(book.reservation(storeId, 'b', 'r-1', 400), undefined, 'nor of another record')
})

t.test('the answer before the expiry is written is the one after it', async (t) => {
  const book = held()
  t.strictSame(
    refusalOf(new Draft(book).propose(separate([commit('a', 'nobody')]), 'w-2')),
    notOpen(undefined, 'nobody')
  )
  const ask = () => new Draft(book).propose(separate([commit('a', 'r-1')], { at: 2000 }), 'w-9')
  const before = [refusalOf(ask()), book.reservation(storeId, 'a', 'r-1', 2000)]
  write(book, separate([expire('a')], { at: 2000 }), 'w-2')
  t.strictSame([refusalOf(ask()), book.reservation(storeId, 'a', 'r-1', 2000)], before)
})

t.test('within one batch, too, and not of what is taken back', async (t) => {
  const book = held()
  const draft = new Draft(book)
  draft.propose(separate([commit('a', 'r-1')], { at: 200 }), 'w-2')
  const second = draft.propose(separate([release('a', 'r-1')], { at: 201 }), 'w-3')
  t.strictSame(refusalOf(second), notOpen({ status: 'committed', at: 200 }))

  const other = new Draft(book)
  t.match(refusalOf(other.propose(atomic([commit('a', 'r-1'), adjust('a', -99)]), 'w-2')), {
    code: 'insufficient_stock'
  })
  t.match(refusalOf(other.propose(separate([release('a', 'r-1')]), 'w-2')), { applied: true })
})

t.test('a key remembers it word for word, whatever is forgotten meanwhile', async (t) => {
  const book = held()
  write(book, separate([commit('a', 'r-1')], { at: 200 }), 'w-2')
  const asked = separate([release('a', 'r-1')], { at: 300, identity: key('k', 'f', 300) })
  const first = write(book, asked, 'w-3')
  t.strictSame(refusalOf(first), notOpen({ status: 'committed', at: 200 }))
  for (let count = 0; count <= ENDED_KEPT_MAX; count += 1) {
    const sequence = 1000 + count
    book.ended.add({ storeId, sku: 'b', id: `x-${count}`, units: 1, status: 'released', at: 400, sequence })
  }
  const { outcome } = new Draft(book).propose({ ...asked, at: 500 }, 'w-4')
  t.strictSame(outcome, { ...first.outcome, replayed: true })
  const anew = new Draft(book).propose(separate([release('a', 'r-1')], { at: 500 }), 'w-4')
  t.strictSame(refusalOf(anew), notOpen(), 'without the key it is no more than not open')
})

t.test('of those that have ended the newest are kept, also across a restart', async (t) => {
  const one = (id: number) => ({
    ...{ storeId, sku: 'a', id: `r-${id}`, units: id, at: id, sequence: id },
    status: 'released' as const
  })
  const ids = (kept: EndedReservations) => [...kept.newestFirst()].map(({ units }) => units)
  const kept = new EndedReservations([], 4)
  t.strictSame(ids(kept), [])
  for (let id = 1; id <= 11; id += 1) {
    kept.add(one(id))
    const expected = [id, id - 1, id - 2, id - 3].filter((other) => other > 0)
    t.strictSame(ids(kept), expected)
    t.equal(kept.find(storeId, 'a', `r-${id - 4}`), undefined)
    t.strictSame(kept.find(storeId, 'a', `r-${expected.at(-1)}`), one(expected.at(-1)!))
    t.strictSame(ids(new EndedReservations(kept.capture(), 4)), expected)
  }
  kept.add({ ...one(11), sequence: 12 })
  t.equal(kept.find(storeId, 'a', 'r-11')?.sequence, 12, 'an id that is used again speaks of its last end')
  for (let id = 12; id <= 14; id += 1) kept.add(one(id))
  t.equal(kept.find(storeId, 'a', 'r-11')?.sequence, 12, 'also when its first one is forgotten')
  kept.add(one(15))
  t.equal(kept.find(storeId, 'a', 'r-11'), undefined)
})
