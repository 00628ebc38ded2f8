import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Counts, Summary } from '../../adapters/command-line/import/summary.ts'
import type { Expectation } from './retail-expectations.ts'
import { tableHash, type Pair } from './served-stock.ts'

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

export type Figures = Record<string, number | string>

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The options of `bincard import` that say what the columns of the movements mean. */
export function movementFlags(mode: Expectation['mode']): string[] {
  return [...MAPPING, ...KINDS, ...MODES[mode]]
}

/** The pairs of country and stock code in the file, each once. */
export async function pairsIn(file: string): Promise<Pair[]> {
  const content = gunzipSync(await readFile(file))
  const rows = parse<{ country: string; stock_code: string }>(content, { columns: true })
  const pairs = new Map<string, Pair>()
  for (const { country, stock_code: sku } of rows) pairs.set(`${country}\t${sku}`, [country, sku])
  return [...pairs.values()]
}

/** A file in `folder` that gives each pair its opening stock, and the options to import it with. */
export async function openingStock(
  folder: string,
  pairs: readonly Pair[],
  opening: number
): Promise<{ readonly file: string; readonly flags: string[] }> {
  const file = join(folder, 'opening.ndjson')
  const lines = pairs.map(([country, sku]) => `${JSON.stringify({ country, sku })}\n`)
  await writeFile(file, lines.join(''))
  const columns = ['--store', 'country', '--sku', 'sku', '--quantity-value', String(opening)]
  return { file, flags: [...columns, '--batch-size', '1000'] }
}

/** The arguments of `bincard import`, what it writes in `folder`. */
export function importArguments(folder: string, file: string, flags: readonly string[]): string[] {
  const outputs = ['--refused', join(folder, 'refused.csv'), '--summary-json', join(folder, 'summary.json')]
  return ['import', file, ...outputs, '--journal', join(folder, `${flags.length}.journal`), ...flags]
}

/** What the import in `folder` wrote last. */
export async function summaryIn(folder: string): Promise<Summary> {
  return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Summary
}

/** All that an import came to, by the names that expectations have. */
export function figuresOf(
  summary: Summary,
  pairs: readonly Pair[],
  quantities: ReadonlyMap<string, number>
): Figures {
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
}

function named(prefix: string, counts: Counts): Figures {
  return Object.fromEntries(Object.entries(counts).map(([kind, count]) => [`${prefix} ${kind}`, count]))
}

/** Prints each expected figure beside the one that came, and counts the differences. */
export function differences(expected: Expectation['figures'], actual: Figures): number {
  let count = 0
  for (const [name, value] of Object.entries(expected)) {
    const isSame = actual[name] === value
    if (!isSame) count += 1
    print(`  ${isSame ? 'ok' : 'DIFFERS'}  ${name}: ${actual[name]}${isSame ? '' : `, expected ${value}`}`)
  }
  return count
}
