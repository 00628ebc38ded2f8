import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { EventsGoneError } from '../../../domain/ledger.ts'
import { adjust, separate, storeId } from '../../domain/units.ts'
import { changes, look } from './asking.ts'

t.test('the memory ledger keeps as many of the newest events as it is told to', async (t) => {
  const ledger = new MemoryLedger({ eventsKeptMax: 3 })
  for (let delta = 1; delta <= 20; delta += 1) {
    const sku = delta % 2 === 0 ? 'even' : 'odd'
    await ledger.execute(separate([adjust(sku, delta)]))
    const oldest = Math.max(1, delta - 2)
    t.match(ledger.health(), { sequence: delta, oldestSequence: oldest })
    t.equal((await ledger.read(oldest, 10)).length, Math.min(3, delta))
    if (oldest > 1) await t.rejects(ledger.read(oldest - 1, 1), { code: 'gone', oldestSequence: oldest })
  }
  t.strictSame(changes(await ledger.read(18, 10)), ['18 even 18', '19 odd 19', '20 even 20'])
  t.strictSame(await ledger.read(21, 10), [])
  await t.rejects(ledger.read(1, 10), EventsGoneError)
  t.equal(await look(ledger, 'even'), '110+0 v10', 'the records are as they were')
  const history = await ledger.history({ storeId, sku: 'even', limit: 1 })
  t.same([history?.hasMore, changes(history?.events ?? [])], [true, ['20 even 20']])
  const rest = await ledger.history({ storeId, sku: 'even', limit: 10, before: 20 })
  t.same([rest?.hasMore, changes(rest?.events ?? [])], [false, ['18 even 18']])
  t.same(await ledger.history({ storeId, sku: 'even', limit: 10, before: 18 }), {
    events: [],
    hasMore: false
  })
})
