import t from 'tap'
import { Draft } from '../../domain/draft.ts'
import { plain } from './plain-state.ts'
import {
  adjust,
  atomic,
  commit,
  inShort,
  key,
  line,
  readNext,
  reserve,
  separate,
  stocked,
  storeId,
  write
} from './units.ts'

t.test('the lines of a unit count against each other on the same record', async (t) => {
  for (const together of [atomic, separate]) {
    const book = stocked({ a: 10, b: 5 })
    const proposal = write(
      book,
      together([adjust('a', -4), adjust('b', 1), adjust('a', -6), adjust('a', 2)]),
      'w-1'
    )
    t.strictSame(inShort(proposal), ['6 v2', '6 v2', '0 v3', '2 v4'])
    t.strictSame(
      proposal.logged?.events.map(({ sku, base }) => [sku, base]),
      [
        ['a', 's-a'],
        ['b', 's-b'],
        ['a', 'w-1'],
        ['a', 'w-1']
      ],
      'each event continues the one before it on its record'
    )
    t.match(book.state(storeId, 'a'), { qty: 2, version: 4, lastUnit: 'w-1' })
  }
})

t.test('a line can use what a line before it made', async (t) => {
  const book = stocked({})
  const proposal = write(book, atomic([adjust('a', 10), reserve('a', 4, 'r-1'), commit('a', 'r-1')]), 'w-1')
  t.strictSame(inShort(proposal), ['10 v1', '6 v2', '6 v3'])
  t.match(book.state(storeId, 'a'), { qty: 6, reserved: 0, version: 3 })
})

t.test('an atomic unit is all or nothing', async (t) => {
  const book = stocked({ a: 10, b: 5 })
  const before = [plain(book.state(storeId, 'a')), plain(book.state(storeId, 'b'))]
  const proposal = write(
    book,
    atomic([adjust('a', -6), adjust('b', -5), adjust('a', -5), adjust('b', -1)]),
    'w-1'
  )
  t.strictSame(
    proposal,
    {
      outcome: {
        kind: 'answered',
        replayed: false,
        answer: {
          at: 100,
          refusedLine: 2,
          results: [
            {
              applied: false,
              refusal: { code: 'insufficient_stock', storeId, sku: 'a', requested: 5, available: 4 },
              current: { qty: 4, version: 2 }
            }
          ]
        }
      }
    },
    'the first refused line answers, in terms of the lines before it, and nothing is written'
  )
  t.strictSame([plain(book.state(storeId, 'a')), plain(book.state(storeId, 'b'))], before)
})

t.test('a refused atomic unit leaves no trace in its draft', async (t) => {
  const draft = new Draft(stocked({ a: 10, b: 5 }))
  const refused = atomic(
    [line(adjust('a', -6), key('k-1')), adjust('new', 3), line(adjust('a', -1), key('k-2')), adjust('b', -6)],
    { at: 5_000 }
  )
  t.strictSame(inShort(draft.propose(refused, 'w-1')), { refusedLine: 3, lines: ['insufficient_stock'] })
  t.ok(draft.isEmpty)
  for (const sku of ['a', 'b', 'new']) t.notOk(draft.touches(storeId, sku), sku)

  const next = draft.propose(
    separate([line(adjust('a', -10), key('k-1', 'another')), adjust('new', 1)]),
    'w-1'
  )
  t.strictSame(inShort(next), ['0 v2', '1 v1'], 'its keys are free and its records as they were')
  t.equal(next.logged?.events[0]?.base, 's-a')
})

t.test('a rollback goes back to what the draft held, not to what the book holds', async (t) => {
  const draft = new Draft(stocked({ a: 10 }))
  draft.propose(separate([line(adjust('a', -3), key('k-1'))]), 'w-1')
  const refused = draft.propose(atomic([adjust('a', -7), adjust('a', 5), adjust('b', -1)]), 'w-2')
  t.strictSame(inShort(refused), { refusedLine: 2, lines: ['not_found'] })
  const next = draft.propose(separate([line(adjust('a', -3), key('k-1')), adjust('a', -7)]), 'w-2')
  t.strictSame(inShort(next), ['again 7 v2', '0 v3'])
  t.equal(next.logged?.events[0]?.base, 'w-1')
})

t.test('lines that are not atomic stand each on its own', async (t) => {
  const book = stocked({ a: 10 })
  const proposal = write(
    book,
    separate([adjust('a', -11), adjust('a', -10), adjust('b', -1), adjust('a', -1), adjust('b', 2)]),
    'w-1'
  )
  t.strictSame(inShort(proposal), ['insufficient_stock', '0 v2', 'not_found', 'insufficient_stock', '2 v1'])
  const { outcome } = proposal
  t.match(outcome.kind === 'answered' && outcome.answer.results[3], {
    refusal: { requested: 1, available: 0 },
    current: { qty: 0, version: 2 }
  })
  t.match(book.state(storeId, 'a'), { qty: 0, version: 2 })
  t.match(book.state(storeId, 'b'), { qty: 2, version: 1 })
})

t.test('a unit that changes nothing and is remembered nowhere is not written', async (t) => {
  const draft = new Draft(stocked({ a: 10 }))
  t.equal(draft.propose(separate([adjust('a', -11), adjust('b', -1)]), 'w-1').logged, undefined)
  t.equal(draft.propose(atomic([adjust('a', -11)]), 'w-1').logged, undefined)
  t.ok(draft.isEmpty)
})

t.test('units of one draft are decided on the effect of those before them', async (t) => {
  const book = stocked({ a: 10 })
  const draft = new Draft(book)
  const first = draft.propose(atomic([adjust('a', -6)]), 'w-1')
  const second = draft.propose(atomic([adjust('a', -6)]), 'w-2')
  const third = draft.propose(atomic([adjust('a', -4)]), 'w-2')
  t.strictSame([first, second, third].map(inShort), [
    ['4 v2'],
    { refusedLine: 0, lines: ['insufficient_stock'] },
    ['0 v3']
  ])
  t.match(book.state(storeId, 'a'), { qty: 10, version: 1 }, 'and the book is left alone')
  t.ok(draft.touches(storeId, 'a'))
  t.notOk(draft.isEmpty)
  for (const { logged } of [first, third]) if (logged !== undefined) t.ok(readNext(book, logged).valid)
  t.match(book.state(storeId, 'a'), { qty: 0, version: 3, lastUnit: 'w-2' })
})

t.test('reservations that lapsed end in the unit that finds them so', async (t) => {
  const book = stocked({ a: 10 })
  write(book, separate([reserve('a', 10, 'r-1', 500)], { at: 100 }), 'w-1')
  const refused = write(book, separate([adjust('a', -11)], { at: 500 }), 'w-2')
  t.match(refused.outcome, { answer: { results: [{ current: { qty: 10, version: 2 } }] } })
  const applied = write(
    book,
    separate([adjust('a', -10), adjust('a', 1)], { at: 500, actor: 'till-1' }),
    'w-2'
  )
  t.strictSame(inShort(applied), ['0 v4', '1 v5'])
  t.strictSame(
    applied.logged?.events.map(({ type, base }) => [type, base]),
    [
      ['expired', 'w-1'],
      ['adjusted', 'w-2'],
      ['adjusted', 'w-2']
    ]
  )
  t.equal(applied.logged?.actor, 'till-1')
})

t.test('a unit takes effect as it was drafted, where its states are known', async (t) => {
  const book = stocked({ a: 10, b: 5 })
  write(book, separate([reserve('b', 2, 'r-1', 500)]), 'w-1')
  const draft = new Draft(book)
  const plainly = draft.propose(separate([adjust('a', -4), adjust('a', 1)]), 'w-2')
  t.strictSame(
    plainly.effect?.states.map(({ qty, version, lastUnit }) => [qty, version, lastUnit]),
    [
      [6, 2, 'w-2'],
      [7, 3, 'w-2']
    ]
  )
  const expiring = draft.propose(separate([adjust('b', 1), adjust('a', 1)], { at: 600 }), 'w-3')
  t.equal(expiring.logged?.events.length, 3, 'the reservation ends first, by an event of its own')
  t.equal(expiring.effect, undefined, 'and no state between the two is kept')
  for (const { logged, effect } of [plainly, expiring]) if (logged !== undefined) book.apply(logged, effect)
  t.equal(book.state(storeId, 'a').version, 4)
  t.match(plain(book.state(storeId, 'b')), { qty: 6, reserved: 0, version: 4, reservations: [] })
})

t.test(
  'what an atomic unit did is undone where it is refused, for new records and for old ones',
  async (t) => {
    const book = stocked({ a: 10 })
    const draft = new Draft(book)
    const refused = atomic([
      adjust('a', -1),
      adjust('a', -1),
      adjust('new', 3),
      adjust('new', 4),
      adjust('a', -99)
    ])
    t.strictSame(inShort(draft.propose(refused, 'w-1')), { refusedLine: 4, lines: ['insufficient_stock'] })
    t.ok(draft.isEmpty)
    t.strictSame([draft.touches(storeId, 'a'), draft.touches(storeId, 'new')], [false, false])
    t.strictSame(inShort(draft.propose(separate([adjust('new', 1), adjust('a', -1)]), 'w-1')), [
      '1 v1',
      '9 v2'
    ])
    const again = atomic([adjust('a', -1), adjust('new', 1), adjust('a', -99)])
    t.strictSame(inShort(draft.propose(again, 'w-2')), { refusedLine: 2, lines: ['insufficient_stock'] })
    t.strictSame(inShort(draft.propose(separate([adjust('new', 1), adjust('a', -1)]), 'w-2')), [
      '2 v2',
      '8 v3'
    ])
  }
)

t.test('a draft whose marks a later one has overwritten is not asked any more', async (t) => {
  const book = stocked({ a: 10, b: 5 })
  const older = new Draft(book)
  t.strictSame(inShort(older.propose(separate([adjust('a', -4)]), 'w-1')), ['6 v2'])
  const newer = new Draft(book)
  t.strictSame(inShort(older.propose(separate([adjust('b', -1)]), 'w-2')), ['4 v2'], 'it has none yet')
  t.strictSame(inShort(newer.propose(separate([adjust('a', -1)]), 'w-1')), ['9 v2'])
  t.throws(() => older.propose(separate([adjust('a', -1)]), 'w-3'), TypeError)
  t.throws(() => older.touches(storeId, 'a'), TypeError)
  t.strictSame(inShort(newer.propose(separate([adjust('a', -1)]), 'w-2')), ['8 v3'])
})
