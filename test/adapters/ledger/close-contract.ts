import { adjust, separate, storeId } from '../../domain/units.ts'
import { ask, now, stock } from './asking.ts'
import type { Promises } from './promises.ts'

export const closePromises: Promises = {
  async 'health: what the ledger is at'(t, ledger) {
    t.strictSame(ledger.health(), {
      status: 'open',
      sequence: 0,
      oldestSequence: 1,
      queueDepth: 0,
      tornFrames: 0,
      voidUnits: 0
    })
    await stock(ledger, { a: 1, b: 1 })
    t.match(ledger.health(), { status: 'open', sequence: 2, queueDepth: 0 })
    await ledger.close()
    t.match(ledger.health(), { status: 'closed', sequence: 2 })
  },

  async 'close: what was accepted is carried out first'(t, ledger) {
    const asked = Array.from({ length: 20 }, () => ask(ledger, separate([adjust('a', 1)])))
    await ledger.close()
    t.same(
      (await Promise.all(asked)).flat(),
      Array.from({ length: 20 }, (_, index) => `${index + 1} v${index + 1}`)
    )
  },

  async 'close: a read under way is answered'(t, ledger) {
    await stock(ledger, { a: 1 })
    const written = ask(ledger, separate([adjust('a', 1)]))
    const reads = [
      ledger.get(storeId, 'a', now),
      ledger.read(1, 1),
      ledger.history({ storeId, sku: 'a', limit: 1 })
    ]
    await ledger.close()
    t.same(await written, ['2 v2'])
    t.match(await reads[0], { version: /[12]/ })
    t.match(await reads[1], [{ sequence: 1 }])
    t.match(await reads[2], { events: [{ event: { sku: 'a' } }] })
  },

  async 'close: later calls reject, closing twice is fine'(t, ledger) {
    await stock(ledger, { a: 1 })
    await Promise.all([ledger.close(), ledger.close()])
    await ledger.close()
    const closed = { name: 'LedgerError', code: 'closed' }
    await t.rejects(ledger.execute(separate([adjust('a', 1)])), closed)
    await t.rejects(ledger.get(storeId, 'a', now), closed)
    await t.rejects(ledger.list({ storeId, limit: 1 }, now), closed)
    await t.rejects(ledger.history({ storeId, sku: 'a', limit: 1 }), closed)
    await t.rejects(ledger.read(1, 1), closed)
    await t.rejects(ledger.waitFor(2), closed)
  }
}
