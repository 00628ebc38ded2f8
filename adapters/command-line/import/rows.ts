import { pipeline, Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { ImportFailure, ImportStopped, reasonOf, UsageError } from './failures.ts'
import { linesOf } from './lines.ts'
import type { Format } from './options.ts'

/** One row of the input as it stands there. */
export interface Row {
  /** From 1, the header line not counted. */
  readonly number: number
  /** What the refused file shows: the CSV row's cells, or the one line of JSON. */
  readonly cells: readonly string[]
  /** The values of the wanted columns in the order in which they were asked for; undefined where there is none. */
  readonly values: readonly (string | undefined)[]
  /** Why the row as a whole cannot be used. */
  readonly fault?: string
}

export interface RowSource {
  /** The names over `cells`. */
  readonly columns: readonly string[]
  readonly rows: AsyncIterable<Row>
}

/** A longer record is taken for a quote that was never closed, not held in memory. */
const LONGEST_RECORD = 1024 * 1024

/**
 * Opens text as rows. Throws a UsageError when a wanted column is not in the CSV header, or twice; the rows throw
 * an ImportFailure where the text cannot be split into rows at all (RFC 4180).
 */
export async function openRows(
  text: AsyncIterable<string>,
  format: Format,
  wanted: readonly string[]
): Promise<RowSource> {
  return format === 'csv'
    ? await csvRows(text, wanted)
    : { columns: ['json'], rows: ndjsonRows(text, wanted) }
}

async function csvRows(text: AsyncIterable<string>, wanted: readonly string[]): Promise<RowSource> {
  const parser = parse({
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD
  })
  pipeline(Readable.from(text), parser, () => undefined)
  const records = (parser as AsyncIterable<string[]>)[Symbol.asyncIterator]()
  try {
    const header = await nextRecord(records)
    if (header === undefined) throw new ImportFailure('the input is empty: a CSV begins with a header line')
    const indexes = wanted.map((column) => columnIndex(header, column))
    return { columns: header, rows: numbered(records, header.length, indexes) }
  } catch (error) {
    parser.destroy()
    throw error
  }
}

function columnIndex(header: readonly string[], column: string): number {
  const index = header.indexOf(column)
  const columns = header.map((name) => JSON.stringify(name)).join(', ')
  if (index === -1)
    throw new UsageError(`there is no column ${JSON.stringify(column)}; the input has ${columns}`)
  if (header.lastIndexOf(column) !== index) {
    throw new UsageError(`column ${JSON.stringify(column)} is there twice; the input has ${columns}`)
  }
  return index
}

async function nextRecord(records: AsyncIterator<string[]>): Promise<string[] | undefined> {
  try {
    const next = await records.next()
    return next.done === true ? undefined : next.value
  } catch (error) {
    if (error instanceof ImportFailure || error instanceof ImportStopped) throw error
    throw new ImportFailure(`the input is not CSV: ${reasonOf(error)}`)
  }
}

async function* numbered(
  records: AsyncIterator<string[]>,
  width: number,
  indexes: readonly number[]
): AsyncGenerator<Row> {
  try {
    for (let number = 1; ; number += 1) {
      const cells = await nextRecord(records)
      if (cells === undefined) return
      const values = indexes.map((index) => cells[index])
      if (cells.length === width) yield { number, cells, values }
      else yield { number, cells, values, fault: `has ${cells.length} fields where the header has ${width}` }
    }
  } finally {
    await records.return?.()
  }
}

async function* ndjsonRows(text: AsyncIterable<string>, wanted: readonly string[]): AsyncGenerator<Row> {
  let number = 0
  for await (const line of linesOf(text, LONGEST_RECORD)) {
    const json = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    if (json === '') continue
    number += 1
    yield ndjsonRow(number, json, wanted)
  }
}

function ndjsonRow(number: number, json: string, wanted: readonly string[]): Row {
  const cells = [json]
  const object = objectFrom(json)
  if (object === undefined) return { number, cells, values: [], fault: 'is not a JSON object' }
  const values: (string | undefined)[] = []
  for (const column of wanted) {
    const value = Object.hasOwn(object, column) ? object[column] : undefined
    if (typeof value === 'string') values.push(value)
    else if (value === undefined || value === null) values.push(undefined)
    else if (typeof value === 'number' && Number.isSafeInteger(value)) values.push(String(value))
    else {
      return {
        number,
        cells,
        values: [],
        fault: `has neither text nor a whole number in ${JSON.stringify(column)}`
      }
    }
  }
  return { number, cells, values }
}

function objectFrom(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
