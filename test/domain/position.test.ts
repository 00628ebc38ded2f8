import t from 'tap'
import { Draft } from '../../domain/draft.ts'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import { judge } from '../../domain/position.ts'
import type { Unit } from '../../domain/unit.ts'
import { adjust, atomic, key, line, readNext, separate, stocked, storeId, write } from './units.ts'

/** The units as one writer would log them, decided one after the other on this stock. */
function logged(stock: Readonly<Record<string, number>>, ...units: readonly Unit[]): LoggedUnit[] {
  const draft = new Draft(stocked(stock))
  return units.map((asked, index) => {
    const proposal = draft.propose(asked, `a-${index + 1}`)
    if (proposal.logged === undefined) throw new Error('this unit is not logged')
    return proposal.logged
  })
}

const stock = { a: 10, b: 10 }

t.test('a unit is valid while its records are as they were', async (t) => {
  for (const asked of [
    atomic([adjust('a', -1), adjust('a', -1), adjust('new', 1)]),
    separate([adjust('a', -11)], { identity: key('k') }),
    separate([line(adjust('a', -1), key('k'))])
  ]) {
    const [first] = logged(stock, asked)
    if (first === undefined) return t.fail()
    const book = stocked(stock)
    write(book, separate([line(adjust('b', 1), key('other'))]), 'b-1')
    t.strictSame(judge(first, book), { valid: true })
  }
})

t.test('a unit whose base has changed is void and leaves nothing', async (t) => {
  const [first] = logged(stock, separate([adjust('b', 1), line(adjust('a', -1), key('k'))]))
  if (first === undefined) return t.fail()
  const book = stocked(stock)
  write(book, separate([adjust('a', 1), adjust('a', -1)]), 'b-1')
  t.strictSame(readNext(book, first), { valid: false, base: 's-a' }, 'it names what it was decided on')
  t.match(book.state(storeId, 'b'), { qty: 10, version: 1 }, 'its other record is untouched')
  t.equal(book.answers.size, 0, 'its key is free')
})

t.test('two writers create one record: the first in the log has made it', async (t) => {
  const [first] = logged({}, atomic([adjust('new', 5)]))
  if (first === undefined) return t.fail()
  const book = stocked({})
  write(book, atomic([adjust('new', 3)]), 'b-1')
  t.strictSame(readNext(book, first), { valid: false, base: '' })
  t.match(book.state(storeId, 'new'), { qty: 3, version: 1 })
})

t.test('what was decided on a void unit is void too, though its version would fit', async (t) => {
  const [first, second] = logged(stock, atomic([adjust('a', -1)]), atomic([adjust('a', -2)]))
  if (first === undefined || second === undefined) return t.fail()
  const book = stocked(stock)
  write(book, atomic([adjust('a', -5)]), 'b-1')
  t.strictSame(readNext(book, first), { valid: false, base: 's-a' })
  t.equal(second.events[0]?.version, book.state(storeId, 'a').version + 1)
  t.strictSame(readNext(book, second), { valid: false, base: 'a-1' })
  t.match(book.state(storeId, 'a'), { qty: 5, version: 2 })
})

t.test('a remembered refusal is void where its record has changed', async (t) => {
  for (const asked of [
    separate([adjust('a', -11)], { identity: key('k') }),
    separate([line(adjust('a', -11), key('k'))]),
    atomic([adjust('b', 1), adjust('a', -11)], { identity: key('k') }),
    separate([adjust('b', 1), adjust('a', -11)], { identity: key('k') })
  ]) {
    const [first] = logged(stock, asked)
    if (first === undefined) return t.fail()
    const book = stocked(stock)
    write(book, atomic([adjust('a', 1)]), 'b-1')
    t.strictSame(readNext(book, first), { valid: false, base: 's-a' })
    t.equal(book.answers.size, 0)
    t.match(book.state(storeId, 'b'), { version: 1 })
  }
})

t.test('an atomic refusal is void where a line before the refused one would now be refused', async (t) => {
  const [first] = logged(stock, atomic([adjust('b', -10), adjust('a', -11)], { identity: key('k') }))
  if (first === undefined) return t.fail()
  const book = stocked(stock)
  write(book, atomic([adjust('b', -1)]), 'b-1')
  t.strictSame(readNext(book, first), { valid: false, base: 's-b' })
})

t.test('a refusal on a record that does not exist is void once it does', async (t) => {
  const [first] = logged({}, separate([adjust('new', -1)], { identity: key('k') }))
  if (first === undefined) return t.fail()
  const book = stocked({})
  write(book, atomic([adjust('new', 1)]), 'b-1')
  t.strictSame(readNext(book, first), { valid: false, base: '' })
})

t.test('a unit whose key is taken is void', async (t) => {
  for (const asked of [
    separate([adjust('a', -1)], { identity: key('k') }),
    separate([adjust('b', 1), line(adjust('a', -1), key('k'))])
  ]) {
    const [first] = logged(stock, asked)
    if (first === undefined) return t.fail()
    const book = stocked({ ...stock, c: 1 })
    write(book, separate([line(adjust('c', 1), key('k', 'another', 90))], { at: 90 }), 'b-1')
    t.strictSame(readNext(book, first), { valid: false })
    t.match(book.state(storeId, 'a'), { version: 1 })
    t.ok(judge({ ...first, at: 90 + 1000 }, book).valid, 'and valid once the key is free again')
  }
})

t.test('a replay is void with the unit in flight that it replays', async (t) => {
  const keyed = (fingerprint: string) => line(adjust('a', -1), key('k', fingerprint))
  for (const second of [
    separate([keyed('f')], { identity: key('whole') }),
    separate([keyed('g'), adjust('b', 1)], { identity: key('whole') }),
    atomic([adjust('b', -1), keyed('f')], { identity: key('whole') }),
    separate([adjust('b', -1), keyed('f')])
  ]) {
    const [first, replaying] = logged(stock, separate([keyed('f')]), second)
    if (first === undefined || replaying === undefined) return t.fail()
    const book = stocked(stock)
    write(book, atomic([adjust('a', -10)]), 'b-1')
    t.notOk(readNext(book, first).valid)
    t.notOk(readNext(book, replaying).valid, 'its answer speaks of an effect that never was')
    t.equal(book.answers.size, 0)
  }
})

t.test(
  'a refusal that no key remembers may outlive a change of its record, but not a unit in flight',
  async (t) => {
    const refused = separate([adjust('b', -1), adjust('a', -11)])
    const [alone] = logged(stock, refused)
    const [first, behind] = logged(stock, atomic([adjust('a', -1)]), refused)
    if (alone === undefined || first === undefined || behind === undefined) return t.fail()
    const book = stocked(stock)
    write(book, atomic([adjust('a', 1)]), 'b-1')
    t.notOk(readNext(book, first).valid)
    t.strictSame(readNext(book, behind), { valid: false, base: 'a-1' })
    t.ok(readNext(book, alone).valid)
  }
)
