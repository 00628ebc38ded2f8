import t from 'tap'
import { Draft } from '../../domain/draft.ts'
import { restoreAnswer } from '../../domain/logged-unit.ts'
import {
  adjust,
  atomic,
  inShort,
  key,
  line,
  readNext,
  reread,
  reserve,
  separate,
  stocked,
  storeId,
  ttlMs,
  write
} from './units.ts'

t.test('the key of a unit: the same request again gets the first answer, word for word', async (t) => {
  const asked = separate([adjust('a', -4), reserve('a', 2, 'r-1', 900), adjust('b', -1)], {
    identity: key('k')
  })
  const book = stocked({ a: 10 })
  const draft = new Draft(book)
  const first = draft.propose(asked, 'w-1')
  t.strictSame(inShort(first), ['6 v2', '4 v3', 'not_found'])

  const inFlight = draft.propose({ ...asked, at: 120 }, 'w-2')
  t.strictSame(inFlight, { outcome: { ...first.outcome, replayed: true } }, 'while it is in flight')

  if (first.logged !== undefined) readNext(book, first.logged)
  write(book, separate([adjust('a', 50), adjust('b', 50)]), 'w-2')
  const later = write(book, { ...asked, at: 150 }, 'w-3')
  t.strictSame(later, { outcome: { ...first.outcome, replayed: true } }, 'and read back from the log')
  t.match(book.state(storeId, 'a'), { qty: 54, reserved: 2, version: 4 }, 'without a second effect')
})

t.test('the key of a unit: another request under it conflicts and changes nothing', async (t) => {
  const book = stocked({ a: 10 })
  const draft = new Draft(book)
  const first = draft.propose(separate([adjust('a', -4)], { identity: key('k') }), 'w-1')
  const other = separate([adjust('a', -5)], { identity: key('k', 'g') })
  t.strictSame(draft.propose(other, 'w-2'), { outcome: { kind: 'key_conflict', key: 'k' } })
  if (first.logged !== undefined) readNext(book, first.logged)
  t.strictSame(write(book, other, 'w-2'), { outcome: { kind: 'key_conflict', key: 'k' } })
  t.match(book.state(storeId, 'a'), { qty: 6, version: 2 })
})

t.test('keys of lines', async (t) => {
  const book = stocked({ a: 10 })
  const first = write(
    book,
    separate([
      line(adjust('a', -1), key('k-1')),
      line(adjust('a', -1), key('k-1')),
      line(adjust('a', -2), key('k-1', 'g')),
      line(adjust('a', -9), key('k-2')),
      line(adjust('a', -9), key('k-2')),
      line(adjust('a', -9))
    ]),
    'w-1'
  )
  t.strictSame(
    inShort(first),
    ['9 v2', 'again 9 v2', 'idempotency_conflict', '0 v3', 'again 0 v3', 'insufficient_stock'],
    'within one unit'
  )
  t.equal(first.logged?.events.length, 2)
  t.match(first.outcome, {
    answer: { results: { 2: { refusal: { key: 'k-1' }, current: { qty: 9, version: 2 } } } }
  })

  const retried = write(
    book,
    separate([line(adjust('a', -9), key('k-2')), line(adjust('a', 3)), line(adjust('a', -1), key('k-1'))]),
    'w-2'
  )
  t.strictSame(inShort(retried), ['again 0 v3', '3 v4', 'again 9 v2'], 'in a later unit')

  const whole = atomic([line(adjust('a', -1), key('k-1')), adjust('a', -3)])
  t.strictSame(inShort(write(book, whole, 'w-3')), ['again 9 v2', '0 v5'], 'in an atomic one')
})

t.test('an atomic unit with a line under a used key is refused whole', async (t) => {
  const book = stocked({ a: 10 })
  write(book, separate([line(adjust('a', -1), key('k-1'))]), 'w-1')
  const asked = atomic([adjust('a', -1), line(adjust('a', -2), key('k-1', 'g'))])
  t.strictSame(inShort(write(book, asked, 'w-2')), { refusedLine: 1, lines: ['idempotency_conflict'] })
  t.match(book.state(storeId, 'a'), { qty: 9, version: 2 })
})

t.test('a unit and its line cannot share a key', async (t) => {
  const book = stocked({ a: 10 })
  const asked = separate([line(adjust('a', -1), key('k', 'line')), adjust('a', -2)], {
    identity: key('k', 'unit')
  })
  const first = write(book, asked, 'w-1')
  t.strictSame(inShort(first), ['idempotency_conflict', '8 v2'])
  t.strictSame(inShort(write(book, asked, 'w-2')), { replayed: ['idempotency_conflict', '8 v2'] })
})

t.test('refusals that speak of stock are remembered', async (t) => {
  for (const [code, command] of [
    ['insufficient_stock', adjust('a', -11)],
    ['not_found', adjust('b', -1)],
    ['version_conflict', adjust('a', 1, { precondition: { kind: 'absent' } })]
  ] as const) {
    for (const asked of [
      separate([command], { identity: key('k') }),
      atomic([adjust('c', 1), command], { identity: key('k') }),
      separate([line(command, key('k'))])
    ]) {
      const book = stocked({ a: 10 })
      const first = write(book, asked, 'w-1')
      t.match(JSON.stringify(first.outcome), code)
      write(book, separate([adjust('a', 100), adjust('b', 100)]), 'w-2')
      const again = write(book, asked, 'w-3')
      t.match(JSON.stringify(again.outcome), code, `${code} stays the answer though it could be done now`)
      t.match(book.state(storeId, 'a'), { qty: 110, version: 2 })
    }
  }
})

t.test('a refusal of the request itself is not remembered', async (t) => {
  const most = Number.MAX_SAFE_INTEGER
  const book = stocked({ a: most })
  const tooMuch = adjust('a', 1)
  for (const asked of [
    separate([tooMuch], { identity: key('k') }),
    atomic([tooMuch], { identity: key('k') }),
    separate([line(tooMuch, key('k'))])
  ]) {
    t.match(JSON.stringify(write(book, asked, 'w-1')), 'quantity_overflow')
  }
  t.equal(book.answers.size, 0)
  t.strictSame(inShort(write(book, separate([adjust('a', -1)], { identity: key('k', 'g') }), 'w-1')), [
    `${most - 1} v2`
  ])
})

t.test('a key is free again from the end of its time on', async (t) => {
  const asked = (at: number) => separate([line(adjust('a', -1), key('k', 'f', at))], { at })
  const book = stocked({ a: 10 })
  write(book, asked(100), 'w-1')
  t.strictSame(inShort(write(book, asked(99 + ttlMs), 'w-2')), ['again 9 v2'], 'not a moment before')
  t.strictSame(inShort(write(book, asked(100 + ttlMs), 'w-2')), ['8 v3'])
  t.strictSame(inShort(write(book, asked(99 + 2 * ttlMs), 'w-3')), ['again 8 v3'], 'and taken once more')

  const draft = new Draft(stocked({ a: 10 }))
  t.strictSame(inShort(draft.propose(asked(100), 'w-1')), ['9 v2'])
  t.strictSame(inShort(draft.propose(asked(100 + ttlMs), 'w-2')), ['8 v3'], 'in one draft too')
})

t.test('a line that was undone gives its key back to whoever held it before', async (t) => {
  const draft = new Draft(stocked({ a: 10 }))
  const undone = (fingerprint: string) =>
    draft.propose(
      atomic([line(adjust('a', -1), key('k', fingerprint, 1200)), adjust('b', -1)], { at: 1200 }),
      'w-2'
    )
  t.strictSame(inShort(undone('g')), { refusedLine: 1, lines: ['not_found'] })
  t.ok(draft.isEmpty, 'to nobody, where nobody held it')
  draft.propose(separate([line(adjust('a', -1), key('k'))]), 'w-1')
  t.strictSame(inShort(undone('g')), { refusedLine: 1, lines: ['not_found'] }, 'which was free by then')
  const again = draft.propose(separate([line(adjust('a', -1), key('k'))], { at: 500 }), 'w-3')
  t.strictSame(inShort(again), ['again 9 v2'], 'to a clock that is behind it is taken still')
  t.notOk(draft.isEmpty)
})

t.test('the log keeps every answer short and gives it back whole', async (t) => {
  const book = stocked({ a: 10, b: 1 })
  write(book, separate([line(adjust('b', 1), key('old'))]), 'w-1')
  const { outcome, logged } = write(
    book,
    separate(
      [reserve('a', 3, 'r-1', 600), adjust('a', -9), line(adjust('b', 1), key('old')), adjust('a', 1)],
      { identity: key('k') }
    ),
    'w-2'
  )
  const answer = logged?.answers?.[0]
  if (logged === undefined || answer === undefined || outcome.kind !== 'answered')
    return t.fail('nothing logged')
  t.strictSame(restoreAnswer(reread(logged), answer), outcome.answer)
  t.throws(() => restoreAnswer({ ...logged, events: [] }, answer), RangeError)
})

t.test('a unit that is not logged leaves its id to the next one, and nothing else', async (t) => {
  const draft = new Draft(stocked({ a: 10 }))
  const refused = atomic([line(adjust('a', -1), key('k-1')), adjust('a', -90)], { at: 100 })
  t.equal(draft.propose(refused, 'w-1').logged, undefined)
  const asked = { ...separate([line(adjust('a', -1), key('k-2'))]), at: 200 }
  const first = draft.propose(asked, 'w-1')
  const again = draft.propose({ ...asked, at: 300 }, 'w-2')
  t.match(first.outcome, { answer: { results: [{ record: { updatedAt: 200 } }] } })
  t.match(again.outcome, { answer: { results: [{ record: { updatedAt: 200 }, replayed: true }] } })
})
