import type { RecordView } from '../../../domain/record.ts'
import { instant } from '../../../plugins/schemas/printed-instant.ts'
import { csvLine } from '../csv-line.ts'
import type { ExportOptions } from './options.ts'

const COLUMNS = ['storeId', 'sku', 'qty', 'reserved', 'version', 'updatedAt', 'name', 'price'] as const
const LINES_AT_ONCE = 1000

/** The records in the form that is wanted, many lines at a time. */
export function* stockLines(
  records: readonly RecordView[],
  format: ExportOptions['format']
): Generator<string> {
  if (format === 'csv') yield csvLine(COLUMNS)
  const print = format === 'csv' ? csvOf : jsonOf
  for (let first = 0; first < records.length; first += LINES_AT_ONCE) {
    yield records
      .slice(first, first + LINES_AT_ONCE)
      .map(print)
      .join('')
  }
}

function csvOf(record: RecordView): string {
  const facts: Readonly<Record<string, string | number>> = factsOf(record)
  return csvLine(COLUMNS.map((column) => String(facts[column] ?? '')))
}

function jsonOf(record: RecordView): string {
  return `${JSON.stringify(factsOf(record))}\n`
}

function factsOf({ storeId, sku, qty, reserved, version, updatedAt, product }: RecordView) {
  return { storeId, sku, qty, reserved, version, updatedAt: instant(updatedAt), ...product }
}
