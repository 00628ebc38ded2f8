import { UsageError } from './failures.ts'
import { idFault, textFault, TEXT_LIMIT } from './identifiers.ts'
import { text } from './option-values.ts'

/** What a row of a kind does to the stock: adds its quantity, takes it, or changes nothing. */
export type Direction = 'in' | 'out' | 'none'

export type Place<Value> = { readonly column: string } | { readonly value: Value }

/** Which column, or which fixed value, each part of a movement comes from. */
export interface MappingOptions {
  readonly store: Place<string>
  readonly sku: string
  readonly quantity: Place<number>
  readonly kind: string | undefined
  /** Empty where no column tells the kind: then every row is `in`. */
  readonly kinds: Readonly<Record<string, Direction>>
  readonly document: string | undefined
  readonly key: string | undefined
  readonly group: string | undefined
  readonly reason: string | undefined
}

interface MappingFlags {
  readonly store?: string | undefined
  readonly 'store-value'?: string | undefined
  readonly sku?: string | undefined
  readonly quantity?: string | undefined
  readonly 'quantity-value'?: string | undefined
  readonly kind?: string | undefined
  readonly kinds?: string | undefined
  readonly document?: string | undefined
  readonly key?: string | undefined
  readonly 'group-by'?: string | undefined
  readonly reason?: string | undefined
}

/** Throws a UsageError for a mapping that is incomplete or contradicts itself. */
export function mappingFrom(flags: MappingFlags): MappingOptions {
  const sku = text('--sku', flags.sku)
  if (sku === undefined) throw new UsageError('--sku COLUMN says which column holds the SKU')
  if ((flags.kind === undefined) !== (flags.kinds === undefined)) {
    throw new UsageError('--kind COLUMN and --kinds KIND=in|out|none,... go together')
  }
  const reasonFault = flags.reason === undefined ? undefined : textFault(flags.reason, TEXT_LIMIT)
  if (reasonFault !== undefined) throw new UsageError(`--reason ${reasonFault}`)
  return {
    store: place('store', text('--store', flags.store), storeValue(flags['store-value'])),
    sku,
    quantity: place('quantity', text('--quantity', flags.quantity), quantityValue(flags['quantity-value'])),
    kind: text('--kind', flags.kind),
    kinds: flags.kinds === undefined ? {} : kindsFrom(flags.kinds),
    document: text('--document', flags.document),
    key: text('--key', flags.key),
    group: text('--group-by', flags['group-by']),
    reason: flags.reason
  }
}

/** The columns that the mapping reads, each once. */
export function mappedColumns(mapping: MappingOptions): string[] {
  const places = [mapping.store, mapping.quantity].flatMap((from) => ('column' in from ? [from.column] : []))
  const columns = [mapping.sku, mapping.kind, mapping.document, mapping.key, mapping.group, ...places]
  return [...new Set(columns.filter((column) => column !== undefined))]
}

function place<Value>(
  name: string,
  column: string | undefined,
  value: Value | undefined
): { column: string } | { value: Value } {
  if (column !== undefined && value !== undefined) {
    throw new UsageError(`--${name} and --${name}-value cannot go together`)
  }
  if (column !== undefined) return { column }
  if (value !== undefined) return { value }
  throw new UsageError(`give --${name} COLUMN or --${name}-value`)
}

function storeValue(value: string | undefined): string | undefined {
  const fault = value === undefined ? undefined : idFault(value)
  if (fault !== undefined) throw new UsageError(`--store-value ${fault}`)
  return value
}

function quantityValue(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number) || number === 0) {
    throw new UsageError(`--quantity-value is a whole number other than 0, got ${JSON.stringify(value)}`)
  }
  return number
}

function kindsFrom(value: string): Record<string, Direction> {
  const kinds = new Map<string, Direction>()
  for (const pair of value.split(',')) {
    const at = pair.lastIndexOf('=')
    const kind = pair.slice(0, Math.max(at, 0))
    const direction = pair.slice(at + 1)
    if (at === -1 || (direction !== 'in' && direction !== 'out' && direction !== 'none')) {
      throw new UsageError(`--kinds is a list of KIND=in|out|none, got ${JSON.stringify(pair)}`)
    }
    if (kinds.has(kind)) throw new UsageError(`--kinds names ${JSON.stringify(kind)} twice`)
    kinds.set(kind, direction)
  }
  return Object.fromEntries(kinds)
}
