import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Counts, Summary } from '../../adapters/command-line/import/summary.ts'
import { EXPECTATIONS, PAIRS, type Expectation } from './retail-expectations.ts'
import { bincard, type Pair, ServedStock, tableHash } from './served-stock.ts'

// Imports a year of real invoices into the built service and compares what is read back with known figures.
//   npm run build && npx tsx test/long/real-import.ts PATH/online-retail.csv.gz [rows|invoices [OPENING]]

const MAPPING = [
  '--store',
  'country',
  '--sku',
  'stock_code',
  '--quantity',
  'quantity',
  '--document',
  'invoice'
]
const KINDS = ['--kind', 'kind', '--kinds', 'sale=out,cancel=out,adjust=in,debt=none']
const MODES = {
  rows: ['--batch-size', '1000'],
  invoices: ['--atomic', '--group-by', 'invoice', '--concurrency', '32']
} as const

type Figures = Record<string, number | string>

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function pairsIn(file: string): Promise<Pair[]> {
  const content = gunzipSync(await readFile(file))
  const rows = parse<{ country: string; stock_code: string }>(content, { columns: true })
  const pairs = new Map<string, Pair>()
  for (const { country, stock_code: sku } of rows) pairs.set(`${country}\t${sku}`, [country, sku])
  return [...pairs.values()]
}

/** Imports `file` and answers with the summary that the command writes. */
async function imported(
  folder: string,
  file: string,
  url: string,
  flags: readonly string[]
): Promise<Summary> {
  const summary = join(folder, 'summary.json')
  const outputs = [
    '--refused',
    join(folder, 'refused.csv'),
    '--journal',
    join(folder, `${flags.length}.journal`)
  ]
  const code = await bincard(['import', file, '--url', url, '--summary-json', summary, ...outputs, ...flags])
  if (code !== 0) throw new Error(`bincard import ended with ${code}`)
  return JSON.parse(await readFile(summary, 'utf8')) as Summary
}

async function importOpening(
  folder: string,
  pairs: readonly Pair[],
  opening: number,
  url: string
): Promise<void> {
  const file = join(folder, 'opening.ndjson')
  const lines = pairs.map(([country, sku]) => `${JSON.stringify({ country, sku })}\n`)
  await writeFile(file, lines.join(''))
  const flags = [
    '--store',
    'country',
    '--sku',
    'sku',
    '--quantity-value',
    String(opening),
    '--batch-size',
    '1000'
  ]
  const { applied, rowsPerSecond } = await imported(folder, file, url, flags)
  print(`  opening stock: ${applied.rows} pairs at ${rowsPerSecond} rows/s`)
}

function named(prefix: string, counts: Counts): Figures {
  return Object.fromEntries(Object.entries(counts).map(([kind, count]) => [`${prefix} ${kind}`, count]))
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
    if (opening > 0) await importOpening(folder, pairs, opening, service.url)
    const summary = await imported(folder, data, service.url, [...MAPPING, ...KINDS, ...MODES[mode]])
    print(`  imported in ${(summary.durationMs / 1000).toFixed(1)} s, ${summary.rowsPerSecond} rows/s`)
    const quantities = await service.quantities(new Set(pairs.map(([store]) => store)))
    const closing = [...quantities.values()]
    return {
      'rows read': summary.rowsRead,
      'rows applied': summary.applied.rows,
      'rows refused': summary.refused.rows,
      ...named('applied', summary.applied.byKind),
      ...named('refused', summary.refused.byKind),
      ...named('refused units', summary.refused.unitsByKind),
      ...(summary.groups === null ? {} : named('groups', { ...summary.groups })),
      'closing total': closing.reduce((total, quantity) => total + quantity, 0),
      'pairs at 0': pairs.length - closing.filter((quantity) => quantity !== 0).length,
      'table hash': tableHash(pairs, quantities)
    }
  } finally {
    await service.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Prints each expected figure beside the one that came, and counts the differences. */
function differences(expected: Expectation['figures'], actual: Figures): number {
  let count = 0
  for (const [name, value] of Object.entries(expected)) {
    const isSame = actual[name] === value
    if (!isSame) count += 1
    print(`  ${isSame ? 'ok' : 'DIFFERS'}  ${name}: ${actual[name]}${isSame ? '' : `, expected ${value}`}`)
  }
  return count
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
