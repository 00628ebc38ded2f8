import type { Command } from '../../../domain/commands.ts'
import { adjust, atomic, commit, release, reserve, separate } from '../../domain/units.ts'
import { ask, changes, feed, look, stock } from './asking.ts'
import type { Promises } from './promises.ts'

export const executePromises: Promises = {
  async 'execute: one command, its record as it is afterwards'(t, ledger) {
    const outcome = await ledger.execute(separate([adjust('a', 10)], { at: 50 }))
    const record = { storeId: 'store-1', sku: 'a', qty: 10, reserved: 0, version: 1, updatedAt: 50 }
    t.strictSame(outcome, {
      kind: 'answered',
      answer: { at: 50, results: [{ applied: true, record }] },
      replayed: false
    })
    t.match(await ledger.execute(separate([reserve('a', 4, 'r-1', 900)])), {
      answer: {
        results: [
          {
            record: { qty: 6, reserved: 4, version: 2 },
            reservation: { id: 'r-1', qty: 4, status: 'open', expiresAt: 900 }
          }
        ]
      }
    })
    t.strictSame(await ask(ledger, separate([commit('a', 'r-1')])), ['6 v3'])
  },

  async 'execute: each kind of command refused, with the facts and without an effect'(t, ledger) {
    await stock(ledger, { a: 10 })
    await ledger.execute(separate([reserve('a', 3, 'r-1')]))
    const before = await feed(ledger)
    const refused = await ledger.execute(
      separate([
        adjust('nowhere', -1),
        adjust('a', 1, { precondition: { kind: 'versions', versions: [1] } }),
        release('a', 'r-2'),
        { ...commit('a', 'r-1'), qty: 4 },
        adjust('a', -8),
        adjust('a', Number.MAX_SAFE_INTEGER)
      ])
    )
    const current = { qty: 7, version: 2 }
    const on = { storeId: 'store-1', sku: 'a' }
    t.match(refused, {
      answer: {
        results: [
          { refusal: { code: 'not_found', sku: 'nowhere' }, current: { qty: 0, version: 0 } },
          { refusal: { code: 'version_conflict', ...on, expected: 1, actual: 2 }, current },
          { refusal: { code: 'reservation_not_found', ...on, reservationId: 'r-2' }, current },
          { refusal: { code: 'reservation_exceeded', ...on, requested: 4, available: 3 }, current },
          { refusal: { code: 'insufficient_stock', ...on, requested: 8, available: 7 }, current },
          { refusal: { code: 'quantity_overflow', ...on, quantity: 7 }, current }
        ]
      }
    })
    t.strictSame(await feed(ledger), before)
  },

  async 'execute: lines on their own, a SKU repeated against the effect of the line before'(t, ledger) {
    await stock(ledger, { a: 5, b: 1 })
    const lines = [adjust('a', -3), adjust('a', -3), adjust('b', -1), adjust('a', -2), adjust('b', -1)]
    t.strictSame(await ask(ledger, separate(lines)), [
      '2 v2',
      'insufficient_stock',
      '0 v2',
      '0 v3',
      'insufficient_stock'
    ])
    t.strictSame(changes(await feed(ledger)), ['1 a 5', '2 b 1', '3 a -3', '4 b -1', '5 a -2'])
  },

  async 'execute: more lines than are written in one piece, answered in their order'(t, ledger) {
    await stock(ledger, { a: 500, b: 1 })
    const lines: Command[] = []
    for (let index = 0; index < 1000; index += 1) lines.push(adjust(index % 2 === 0 ? 'a' : `n-${index}`, -1))
    const told = (await ask(ledger, separate([...lines, adjust('b', 1)]))) as string[]
    t.equal(told.length, 1001)
    t.same(
      told.filter((_, index) => index < 1000 && index % 2 === 0),
      Array.from({ length: 500 }, (_, index) => `${499 - index} v${index + 2}`)
    )
    t.ok(told.every((one, index) => index === 1000 || index % 2 === 0 || one === 'not_found'))
    t.equal(told[1000], '2 v2')
    t.equal(await look(ledger, 'a'), '0+0 v501')
  },

  async 'execute: more atomic lines than that, still all or none'(t, ledger) {
    const many = Array.from({ length: 600 }, (_, index) => adjust(`s-${index}`, 1))
    t.strictSame(await ask(ledger, atomic([...many, adjust('s-0', -2)])), {
      refusedLine: 600,
      lines: ['insufficient_stock']
    })
    t.strictSame(await feed(ledger), [])
    t.same(((await ask(ledger, atomic(many))) as string[]).length, 600)
    t.equal(ledger.health().sequence, 600)
  },

  async 'execute: an atomic unit moves stock between records, or does nothing'(t, ledger) {
    await stock(ledger, { a: 5, b: 5 })
    const move = (units: number) => atomic([adjust('a', -units), adjust('b', units)])
    t.strictSame(await ask(ledger, move(4)), ['1 v2', '9 v2'])
    t.strictSame(await ask(ledger, move(2)), { refusedLine: 0, lines: ['insufficient_stock'] })
    t.strictSame(await ask(ledger, atomic([adjust('b', 2), adjust('a', -2)])), {
      refusedLine: 1,
      lines: ['insufficient_stock']
    })
    t.same([await look(ledger, 'a'), await look(ledger, 'b')], ['1+0 v2', '9+0 v2'])
    t.strictSame(await ask(ledger, atomic([adjust('a', -1), adjust('a', 3), adjust('a', -3)])), [
      '0 v3',
      '3 v4',
      '0 v5'
    ])
  },

  async 'execute: of many at once on the last units only so many succeed'(t, ledger) {
    await stock(ledger, { a: 10 })
    const asked = Array.from({ length: 50 }, () => ask(ledger, separate([adjust('a', -1)])))
    const told = (await Promise.all(asked)).flat()
    t.equal(told.filter((one) => one === 'insufficient_stock').length, 40)
    const applied = told.filter((one) => one !== 'insufficient_stock').sort()
    t.same(applied, Array.from({ length: 10 }, (_, index) => `${9 - index} v${index + 2}`).sort())
    t.equal(await look(ledger, 'a'), '0+0 v11')
  },

  async 'execute: of many at once that name one version exactly one succeeds'(t, ledger) {
    await stock(ledger, { a: 10 })
    const command = adjust('a', 1, { precondition: { kind: 'versions', versions: [1] } })
    const told = await Promise.all(Array.from({ length: 20 }, () => ask(ledger, separate([command]))))
    t.equal(told.flat().filter((one) => one === '11 v2').length, 1)
    t.equal(told.flat().filter((one) => one === 'version_conflict').length, 19)
  },

  async 'execute: what has lapsed expires with the next change, by an event of its own'(t, ledger) {
    await stock(ledger, { a: 5 })
    await ledger.execute(separate([reserve('a', 5, 'r-1', 200)]))
    t.strictSame(await ask(ledger, separate([adjust('a', -1)], { at: 199 })), ['insufficient_stock'])
    t.strictSame(await ask(ledger, separate([adjust('a', -1)], { at: 200 })), ['4 v4'])
    const events = await ledger.read(3, 10)
    t.match(events, [
      { at: 200, event: { type: 'expired', reservationId: 'r-1', units: 5, version: 3 } },
      { at: 200, event: { type: 'adjusted', qty: 4, version: 4 } }
    ])
    t.equal(events[0]?.unitId, events[1]?.unitId, 'in one unit')
  },

  async 'execute: a unit without lines is answered and leaves nothing'(t, ledger) {
    t.strictSame(await ask(ledger, separate([])), [])
    t.strictSame(await feed(ledger), [])
  }
}
