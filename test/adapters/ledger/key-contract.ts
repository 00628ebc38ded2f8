import { adjust, atomic, key, line, reserve, separate, ttlMs } from '../../domain/units.ts'
import { ask, feed, inShort, look, stock } from './asking.ts'
import type { Promises } from './promises.ts'

export const keyPromises: Promises = {
  async 'keys: the same request again gets the first answer, word for word, and no effect'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = separate([adjust('a', -4), reserve('a', 2, 'r-1', 900), adjust('b', -1)], {
      identity: key('k')
    })
    const first = await ledger.execute(asked)
    t.strictSame(inShort(first), ['6 v2', '4 v3', 'not_found'])
    await stock(ledger, { a: 50, b: 50 })
    t.strictSame(await ledger.execute({ ...asked, at: 150 }), { ...first, replayed: true })
    t.equal(await look(ledger, 'a'), '54+2 v4')
  },

  async 'keys: another request under a used key conflicts and changes nothing'(t, ledger) {
    await stock(ledger, { a: 10 })
    await ledger.execute(separate([adjust('a', -4)], { identity: key('k') }))
    const other = separate([adjust('a', -5)], { identity: key('k', 'g') })
    t.strictSame(await ledger.execute(other), { kind: 'key_conflict', key: 'k' })
    t.equal(await look(ledger, 'a'), '6+0 v2')
  },

  async 'keys: one effect and one answer, however many ask at once'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = separate([adjust('a', -4), adjust('a', -4), adjust('a', -4)], { identity: key('k') })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ledger.execute(asked)))
    const told = outcomes.map((outcome) => outcome.kind === 'answered' && outcome.answer)
    t.strictSame(
      told,
      Array.from({ length: 20 }, () => told[0])
    )
    const replayed = outcomes.filter((outcome) => outcome.kind === 'answered' && outcome.replayed)
    t.equal(replayed.length, 19)
    t.equal(await look(ledger, 'a'), '2+0 v3')
  },

  async 'keys: a refusal is an answer too and is given again when it is no longer true'(t, ledger) {
    const asked = separate([adjust('a', -1)], { identity: key('k') })
    const first = await ledger.execute(asked)
    t.strictSame(inShort(first), ['not_found'])
    await stock(ledger, { a: 10 })
    t.strictSame(await ledger.execute(asked), { ...first, replayed: true })

    const together = atomic([adjust('a', -1), adjust('a', -50)], { identity: key('k-2') })
    const second = await ledger.execute(together)
    await stock(ledger, { a: 100 })
    t.strictSame(await ledger.execute(together), { ...second, replayed: true })
    t.equal(await look(ledger, 'a'), '110+0 v2')
  },

  async 'keys: a request that was wrong in itself may be corrected under its key'(t, ledger) {
    await stock(ledger, { a: 10 })
    const wrong = separate([adjust('a', Number.MAX_SAFE_INTEGER)], { identity: key('k') })
    t.strictSame(await ask(ledger, wrong), ['quantity_overflow'])
    t.strictSame(await ask(ledger, separate([adjust('a', 1)], { identity: key('k', 'g') })), ['11 v2'])
  },

  async 'keys: each line of a unit may have its own'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = separate([
      line(adjust('a', -1), key('k-1')),
      line(adjust('a', -20), key('k-2')),
      line(adjust('a', -1), key('k-1')),
      line(adjust('a', -2), key('k-1', 'g')),
      line(adjust('a', -1))
    ])
    const tail = ['again 9 v2', 'idempotency_conflict']
    t.strictSame(await ask(ledger, asked), ['9 v2', 'insufficient_stock', ...tail, '8 v3'])
    await stock(ledger, { a: 100 })
    t.strictSame(await ask(ledger, asked), ['again 9 v2', 'again insufficient_stock', ...tail, '107 v5'])
  },

  async 'keys: many lines with keys of their own, sent again in other company, each have one effect'(
    t,
    ledger
  ) {
    await stock(ledger, { a: 1000 })
    const lines = Array.from({ length: 600 }, (_, index) => line(adjust('a', -1), key(`k-${index}`)))
    await ledger.execute(separate(lines.slice(0, 400)))
    const told = (await ask(ledger, separate(lines.toReversed()))) as string[]
    t.equal(told.filter((one) => one.startsWith('again')).length, 400)
    t.equal(told[599], 'again 999 v2')
    t.equal(await look(ledger, 'a'), '400+0 v601')
  },

  async 'keys: held until their time, by the instants of the units'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = (at: number) => separate([adjust('a', -1)], { at, identity: key('k', 'f', at) })
    t.strictSame(await ask(ledger, asked(100)), ['9 v2'])
    t.strictSame(await ask(ledger, asked(100 + ttlMs - 1)), { replayed: ['9 v2'] })
    t.strictSame(await ask(ledger, asked(100 + ttlMs)), ['8 v3'])
    t.strictSame(await ask(ledger, asked(100 + ttlMs)), { replayed: ['8 v3'] })
  },

  async 'keys: a unit of no lines lets those go whose time has passed'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = (at: number) => separate([adjust('a', -1)], { at, identity: key('k') })
    t.strictSame(await ask(ledger, asked(100)), ['9 v2'])
    t.strictSame(await ask(ledger, separate([], { at: 99 + 2 * ttlMs })), [])
    t.strictSame(await ask(ledger, asked(100)), { replayed: ['9 v2'] }, 'by a clock that was set back')
    t.strictSame(await ask(ledger, separate([], { at: 100 + 2 * ttlMs })), [])
    t.strictSame(await ask(ledger, asked(100)), ['8 v3'])
  },

  async 'keys: one and the same name of two callers are two keys'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = (caller: string) =>
      separate([adjust('a', -1)], { identity: { ...key('k'), key: `${caller} k` } })
    t.strictSame(await ask(ledger, asked('one')), ['9 v2'])
    t.strictSame(await ask(ledger, asked('two')), ['8 v3'])
    t.strictSame(
      (await feed(ledger)).map(({ idempotencyKey }) => idempotencyKey),
      [undefined, 'k', 'k']
    )
  }
}
