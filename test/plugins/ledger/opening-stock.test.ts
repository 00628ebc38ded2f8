import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { loadOpeningStock, parseOpeningStock } from '../../../plugins/ledger/opening-stock.ts'
import { loadOpeningStockFile } from '../../../plugins/ledger/opening-stock-file.ts'
import { ownFolder } from '../../processes/own-folder.ts'

const sample = join(import.meta.dirname, '..', '..', '..', 'data', 'sample-inventory.json')
const at = Date.parse('2026-01-15T09:30:00.000Z')
const stock = (...skus: string[]) =>
  JSON.stringify({ records: skus.map((sku) => ({ storeId: 'S1', sku, qty: 5 })) })

t.test('an empty ledger is filled once', async (t) => {
  const ledger = new MemoryLedger()
  t.equal(await loadOpeningStock(ledger, stock('A', '💶'), at), true)
  t.match(await ledger.get('S1', '💶', at), { qty: 5, version: 1 })
  t.equal(await loadOpeningStock(ledger, stock('A', 'B'), at), false)
  t.equal(await ledger.get('S1', 'B', at), undefined)
})

t.test('two that start at once fill it once', async (t) => {
  const ledger = new MemoryLedger()
  const loaded = await Promise.all([1, 2, 3].map(() => loadOpeningStock(ledger, stock('A'), at)))
  t.strictSame(loaded.filter(Boolean).length, 1)
  t.match(await ledger.get('S1', 'A', at), { qty: 5, version: 1 })
})

t.test('a stock that is none loads nothing', async (t) => {
  for (const [text, message] of [
    ['{', /no JSON/],
    ['[]', /the document must be object/],
    ['{"records":[]}', /\/records/],
    ['{"records":[{"storeId":"S1","sku":"A","qty":0}]}', /\/records\/0\/qty/],
    ['{"records":[{"storeId":"S1","sku":"","qty":1}]}', /\/records\/0\/sku/],
    ['{"records":[{"storeId":"S1","sku":"A","qty":1,"x":1}]}', /additional/]
  ] as const) {
    t.throws(() => parseOpeningStock(text), { name: 'OpeningStockError', message })
  }
  const ledger = new MemoryLedger()
  await t.rejects(loadOpeningStock(ledger, stock('A', 'B', 'A'), at), { message: /records\/2 .*"A"/ })
  t.equal(ledger.health().sequence, 0)
})

t.test('a file that is missing or malformed is told in one line', async (t) => {
  const ledger = new MemoryLedger()
  const folder = ownFolder(t)
  const missing = join(folder, 'none.json')
  await t.rejects(loadOpeningStockFile(ledger, missing, at), {
    message: /^DATA_PATH is ".*none\.json"; allowed is/
  })
  const malformed = join(folder, 'bad.json')
  writeFileSync(malformed, '{"records":7}')
  await t.rejects(loadOpeningStockFile(ledger, malformed, at), {
    name: 'OpeningStockError',
    message: /^DATA_PATH is ".*bad\.json"; allowed is .* but \/records/
  })
  t.equal(ledger.health().sequence, 0)
})

t.test('the sample of the package holds what the first steps read', async (t) => {
  const ledger = new MemoryLedger()
  await loadOpeningStockFile(ledger, sample, at)
  t.match(await ledger.get('STORE001', 'SKU123', at), { qty: 100, reserved: 0, version: 1 })
})
