import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../adapters/command-line/import/summary.ts'
import { EXPECTATIONS, PAIRS, type Expectation } from './retail-expectations.ts'
import {
  differences,
  figuresOf,
  importArguments,
  movementFlags,
  openingStock,
  pairsIn,
  print,
  summaryIn,
  type Figures
} from './retail-import.ts'
import { bincard, quantitiesAt, ServedStock, type Pair } from './served-stock.ts'

// Imports a year of real invoices into the built service and compares what is read back with known figures.
//   npm run build && npx tsx test/long/real-import.ts PATH/online-retail.csv.gz [rows|invoices [OPENING]]

/** Imports `file` and answers with the summary that the command writes. */
async function imported(
  folder: string,
  file: string,
  url: string,
  flags: readonly string[]
): Promise<Summary> {
  const code = await bincard([...importArguments(folder, file, flags), '--url', url])
  if (code !== 0) throw new Error(`bincard import ended with ${code}`)
  return await summaryIn(folder)
}

/** Runs one replay against a service of its own and answers with all its figures. */
async function replay(
  data: string,
  pairs: readonly Pair[],
  { opening, mode }: Expectation
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'bincard-import-'))
  const service = await ServedStock.start(join(folder, 'ledger'))
  try {
    if (opening > 0) {
      const stock = await openingStock(folder, pairs, opening)
      const { applied, rowsPerSecond } = await imported(folder, stock.file, service.url, stock.flags)
      print(`  opening stock: ${applied.rows} pairs at ${rowsPerSecond} rows/s`)
    }
    const summary = await imported(folder, data, service.url, movementFlags(mode))
    print(`  imported in ${(summary.durationMs / 1000).toFixed(1)} s, ${summary.rowsPerSecond} rows/s`)
    const quantities = await quantitiesAt(service.url, new Set(pairs.map(([store]) => store)))
    return figuresOf(summary, pairs, quantities)
  } finally {
    await service.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const [data, mode, opening] = process.argv.slice(2)
if (data === undefined) {
  process.stderr.write(
    'Usage: tsx test/long/real-import.ts PATH/online-retail.csv.gz [rows|invoices [OPENING]]\n'
  )
  process.exit(2)
}
const pairs = await pairsIn(data)
let wrong = pairs.length === PAIRS ? 0 : 1
print(`${pairs.length} pairs of country and stock code`)
for (const expectation of EXPECTATIONS) {
  if (mode !== undefined && mode !== expectation.mode) continue
  if (opening !== undefined && opening !== String(expectation.opening)) continue
  print(`opening ${expectation.opening}, by ${expectation.mode}`)
  wrong += differences(expectation.figures, await replay(data, pairs, expectation))
}
print(wrong === 0 ? 'all figures as expected' : `${wrong} figures differ`)
process.exitCode = wrong === 0 ? 0 : 1
