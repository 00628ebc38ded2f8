import { OpenReservations, type Reservation } from './open-reservations.ts'
import { PackedNumbers } from './packed-numbers.ts'
import type { Product, RecordState } from './record.ts'

/** The records of one block, and the factor by which a row's number names its block. */
export const ROWS_MAX = 4096

const numberColumns = [
  'qty',
  'reserved',
  'version',
  'updatedAt',
  'deleted',
  'lastSequence',
  'unitWriter',
  'unitCounter'
] as const
type NumberColumn = (typeof numberColumns)[number]

/** What only some records have. */
export interface RowDetails {
  readonly row: number
  readonly product?: Product
  readonly reservations?: readonly Reservation[]
}

/**
 * Up to ROWS_MAX records as columns. The last unit of a record is its writer's index in `writers` and its counter;
 * one whose id does not end in a counter stands there whole, with the counter -1.
 */
export interface RecordColumns {
  /** The stores of the rows, in their order, each with the number of its rows. */
  readonly runs: readonly (readonly [storeId: string, count: number])[]
  readonly skus: readonly string[]
  readonly writers: readonly string[]
  readonly numbers: Readonly<Record<NumberColumn, PackedNumbers>>
  /** In the order of their rows. */
  readonly details: () => readonly RowDetails[]
}

/** A record's state with the sequence of its newest event. */
export interface CapturedRecord {
  readonly state: RecordState
  readonly lastSequence: number
}

/** Gathers records into columns. */
export class RecordColumnsBuilder {
  readonly #numbers = eachColumn(() => new Float64Array(ROWS_MAX))
  #runs: [string, number][] = []
  #skus: string[] = []
  #details: RowDetails[] = []
  #writers = new Map<string, number>()

  get isFull(): boolean {
    return this.#skus.length === ROWS_MAX
  }

  get isEmpty(): boolean {
    return this.#skus.length === 0
  }

  /** REQUIRES: it is not full. */
  add({ state, lastSequence }: CapturedRecord): void {
    const { storeId, sku, qty, reserved, version, updatedAt, lastUnit, open, product, deleted, ...rest } =
      state
    // A field that is added to the state has to be carried here too, or the types do not fit.
    rest satisfies Record<string, never>
    const row = this.#skus.push(sku) - 1
    const run = this.#runs.at(-1)
    if (run?.[0] === storeId) run[1] += 1
    else this.#runs.push([storeId, 1])
    const { writer, counter } = splitUnitId(lastUnit)
    const numbers = this.#numbers
    numbers.qty[row] = qty
    numbers.reserved[row] = reserved
    numbers.version[row] = version
    numbers.updatedAt[row] = updatedAt
    numbers.deleted[row] = deleted ? 1 : 0
    numbers.lastSequence[row] = lastSequence
    numbers.unitWriter[row] = this.#indexOfWriter(writer)
    numbers.unitCounter[row] = counter
    if (product === undefined && open === undefined) return
    this.#details.push({
      row,
      ...(product !== undefined && { product }),
      ...(open !== undefined && { reservations: [...open.byId.values()].sort(byReservationId) })
    })
  }

  /** The columns of what was gathered; the next ones begin empty. */
  take(): RecordColumns {
    const count = this.#skus.length
    const details = this.#details
    const columns: RecordColumns = {
      runs: this.#runs,
      skus: this.#skus,
      writers: [...this.#writers.keys()],
      numbers: eachColumn((name) => PackedNumbers.of(this.#numbers[name], count)),
      details: () => details
    }
    this.#runs = []
    this.#skus = []
    this.#details = []
    this.#writers = new Map()
    return columns
  }

  #indexOfWriter(writer: string): number {
    const known = this.#writers.get(writer)
    if (known !== undefined) return known
    const index = this.#writers.size
    this.#writers.set(writer, index)
    return index
  }
}

/** The records of columns, each made when it is asked for. */
export class FrozenRecords {
  readonly #columns: RecordColumns
  #details: Map<number, RowDetails> | undefined

  constructor(columns: RecordColumns) {
    this.#columns = columns
  }

  exists(row: number): boolean {
    return this.#columns.numbers.deleted.at(row) === 0
  }

  /** The open reservations of all rows. */
  get openReservations(): number {
    const { reserved } = this.#columns.numbers
    // Most blocks hold none, and to unpack the details of a block for nothing would take its time.
    if (reserved.isAllZero) return 0
    return this.#columns.details().reduce((sum, { reservations = [] }) => sum + reservations.length, 0)
  }

  hasReservations(row: number): boolean {
    return this.#columns.numbers.reserved.at(row) > 0
  }

  /** The record of this row; `storeId` is that of its run. */
  record(row: number, storeId: string): CapturedRecord {
    const { skus, writers, numbers } = this.#columns
    this.#details ??= new Map(this.#columns.details().map((details) => [details.row, details]))
    const details = this.#details.get(row)
    const state: RecordState = {
      storeId,
      sku: skus[row] ?? '',
      qty: numbers.qty.at(row),
      reserved: numbers.reserved.at(row),
      version: numbers.version.at(row),
      updatedAt: numbers.updatedAt.at(row),
      lastUnit: joinUnitId(writers[numbers.unitWriter.at(row)] ?? '', numbers.unitCounter.at(row)),
      open: details?.reservations && OpenReservations.of(details.reservations),
      product: details?.product,
      deleted: !this.exists(row)
    }
    return { state, lastSequence: numbers.lastSequence.at(row) }
  }
}

/** The states of all records of the blocks, in their order. */
export function* statesIn(blocks: Iterable<RecordColumns>): Generator<RecordState> {
  for (const columns of blocks) {
    const frozen = new FrozenRecords(columns)
    let row = 0
    for (const [storeId, count] of columns.runs) {
      for (const end = row + count; row < end; row += 1) yield frozen.record(row, storeId).state
    }
  }
}

function eachColumn<Value>(of: (name: NumberColumn) => Value): Record<NumberColumn, Value> {
  return Object.fromEntries(numberColumns.map((name) => [name, of(name)])) as Record<NumberColumn, Value>
}

/** The order in which they are held says nothing, and equal states make equal columns. */
function byReservationId(a: Reservation, b: Reservation): number {
  return a.id < b.id ? -1 : 1
}

function splitUnitId(id: string): { writer: string; counter: number } {
  const dash = id.lastIndexOf('-')
  const counter = Number(id.slice(dash + 1))
  const isCounter = dash >= 0 && Number.isSafeInteger(counter) && counter >= 0
  if (!isCounter || `${counter}` !== id.slice(dash + 1)) return { writer: id, counter: -1 }
  return { writer: id.slice(0, dash), counter }
}

function joinUnitId(writer: string, counter: number): string {
  return counter < 0 ? writer : `${writer}-${counter}`
}
