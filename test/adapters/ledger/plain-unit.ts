import type { StockEvent } from '../../../domain/events.ts'
import type { LoggedUnit } from '../../../domain/logged-unit.ts'

interface Columns {
  readonly count: number
  readonly [name: string]: unknown
}

interface InColumns extends Omit<LoggedUnit, 'events' | 'answers'> {
  readonly adjusted?: Columns
  readonly answered?: Columns
}

/** The rows of columns, whatever their names: a list has one value for each row, anything else is what all have. */
function rowsOf({ count, ...columns }: Columns): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => {
    const row: Record<string, unknown> = {}
    for (const [name, column] of Object.entries(columns)) {
      const value: unknown = Array.isArray(column) ? column[index] : column
      if (value !== null) row[name] = value
    }
    return row
  })
}

export type WrittenUnit = LoggedUnit | InColumns

export function isUnit(frame: object): frame is WrittenUnit {
  return 'events' in frame || 'adjusted' in frame
}

/** The unit that a line of the log holds, by what the format says of it. */
export function plainUnit(frame: WrittenUnit): LoggedUnit {
  const { adjusted, answered, ...rest } = frame as InColumns
  const events = adjusted && rowsOf(adjusted).map((row) => ({ type: 'adjusted', ...row }) as StockEvent)
  const answers = answered && rowsOf(answered).map((row, index) => ({ ...row, lines: [index] }))
  return { ...rest, ...(events && { events }), ...(answers && { answers }) } as LoggedUnit
}
