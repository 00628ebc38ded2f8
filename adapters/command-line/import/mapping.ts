import { idFault, keyFault, textFault, TEXT_LIMIT } from './identifiers.ts'
import { mappedColumns, type Direction, type MappingOptions } from './mapping-options.ts'
import type { Row } from './rows.ts'

/** A movement as the service takes it; `-0` and `0` never occur as its delta. */
export interface Movement {
  readonly storeId: string
  readonly sku: string
  readonly delta: number
  readonly idempotencyKey: string
  readonly reference?: string
  readonly reason?: string
}

export interface RowRefusal {
  readonly code: string
  readonly message: string
}

/** A row and what it means: a movement, a refusal found here already, or neither where it changes nothing. */
export interface Item {
  readonly row: number
  readonly cells: readonly string[]
  /** As the kind column says; the direction where there is none. */
  readonly kind: string
  /** How many units the row speaks of, without sign; 0 where that could not be read. */
  readonly units: number
  readonly movement?: Movement
  readonly refusal?: RowRefusal
  /** The value of the group column, where rows are grouped. */
  readonly group?: string
}

/** Reads rows as movements. Its columns must be asked for from the rows in the order of `columns`. */
export class Mapping {
  readonly columns: readonly string[]
  readonly #options: MappingOptions
  readonly #keyPrefix: string
  readonly #index: ReadonlyMap<string, number>

  constructor(options: MappingOptions, keyPrefix: string) {
    this.#options = options
    this.#keyPrefix = keyPrefix
    this.columns = mappedColumns(options)
    this.#index = new Map(this.columns.map((column, index) => [column, index]))
  }

  /** What the row means; a row that breaks the contract becomes a refusal that names what is wrong with it. */
  read(row: Row): Item {
    const direction = this.#direction(row)
    const kind = this.#options.kind === undefined ? 'in' : (this.#value(row, this.#options.kind) ?? '')
    const quantity = this.#quantity(row)
    const group = this.#options.group === undefined ? undefined : this.#value(row, this.#options.group)
    const seen = {
      row: row.number,
      cells: row.cells,
      kind,
      units: quantity === undefined ? 0 : Math.abs(quantity),
      ...(group === undefined || group === '' ? {} : { group })
    }
    const refusal = this.#refusal(row, direction, quantity, group)
    if (refusal !== undefined) return { ...seen, refusal }
    if (direction === 'none' || quantity === undefined) return seen
    return { ...seen, movement: this.#movement(row, direction === 'in' ? quantity : -quantity) }
  }

  #value(row: Row, column: string): string | undefined {
    const index = this.#index.get(column)
    return index === undefined ? undefined : row.values[index]
  }

  #direction(row: Row): Direction | undefined {
    if (this.#options.kind === undefined) return 'in'
    const kind = this.#value(row, this.#options.kind)
    return kind !== undefined && Object.hasOwn(this.#options.kinds, kind)
      ? this.#options.kinds[kind]
      : undefined
  }

  #quantity(row: Row): number | undefined {
    const from = this.#options.quantity
    if ('value' in from) return from.value
    const text = this.#value(row, from.column)
    if (text === undefined || !/^-?\d{1,20}$/.test(text)) return undefined
    const number = Number(text)
    return Number.isSafeInteger(number) ? number : undefined
  }

  #store(row: Row): string {
    const from = this.#options.store
    return 'value' in from ? from.value : (this.#value(row, from.column) ?? '')
  }

  #key(row: Row): string {
    if (this.#options.key === undefined) return `${this.#keyPrefix}-${row.number}`
    return this.#value(row, this.#options.key) ?? ''
  }

  #movement(row: Row, delta: number): Movement {
    const { document, reason } = this.#options
    const reference = document === undefined ? undefined : this.#value(row, document)
    return {
      storeId: this.#store(row),
      sku: this.#value(row, this.#options.sku) ?? '',
      delta,
      idempotencyKey: this.#key(row),
      ...(reference === undefined || reference === '' ? {} : { reference }),
      ...(reason === undefined ? {} : { reason })
    }
  }

  #refusal(
    row: Row,
    direction: Direction | undefined,
    quantity: number | undefined,
    group: string | undefined
  ): RowRefusal | undefined {
    if (row.fault !== undefined) return { code: 'BAD_ROW', message: `row ${row.number} ${row.fault}` }
    const { kind, sku } = this.#options
    if (direction === undefined) {
      const text = JSON.stringify(kind === undefined ? '' : (this.#value(row, kind) ?? ''))
      return { code: 'UNKNOWN_KIND', message: `--kinds does not say what kind ${text} does` }
    }
    if (this.#options.group !== undefined && (group === undefined || group === '')) {
      return { code: 'NO_GROUP', message: `there is no value in ${JSON.stringify(this.#options.group)}` }
    }
    if (direction === 'none') return undefined
    const storeFault = idFault(this.#store(row))
    if (storeFault !== undefined) return { code: 'BAD_STORE', message: `the store ${storeFault}` }
    const skuFault = idFault(this.#value(row, sku) ?? '')
    if (skuFault !== undefined) return { code: 'BAD_SKU', message: `the SKU ${skuFault}` }
    return this.#quantityRefusal(row, quantity) ?? this.#textRefusal(row)
  }

  #quantityRefusal(row: Row, quantity: number | undefined): RowRefusal | undefined {
    if (quantity === 0) return { code: 'ZERO_QUANTITY', message: 'a quantity of 0 moves nothing' }
    if (quantity !== undefined) return undefined
    const from = this.#options.quantity
    const text = 'column' in from ? JSON.stringify(this.#value(row, from.column) ?? '') : ''
    return { code: 'BAD_QUANTITY', message: `the quantity ${text} is not a whole number` }
  }

  #textRefusal(row: Row): RowRefusal | undefined {
    const { document } = this.#options
    const fault = document === undefined ? undefined : textFault(this.#value(row, document) ?? '', TEXT_LIMIT)
    if (fault !== undefined) return { code: 'BAD_DOCUMENT', message: `the document ${fault}` }
    const wrongKey = keyFault(this.#key(row))
    return wrongKey === undefined ? undefined : { code: 'BAD_KEY', message: `the key ${wrongKey}` }
  }
}

/** Names a record; no id holds a tab, so no two records have the same name. */
export function recordOf(movement: Movement): string {
  return `${movement.storeId}\t${movement.sku}`
}
