/** What many rows have under one name: the one value that all have, or a list, with null for rows that have none. */
export type Column<Value> = Value | readonly (Value | null)[]

/** Undefined where no row has a value. REQUIRES: there is a row. */
export function columnOf<Row, Value extends string | number>(
  rows: readonly [Row, ...Row[]],
  valueOf: (row: Row) => Value | undefined
): Column<Value> | undefined {
  const common = valueOf(rows[0])
  if (rows.every((row) => valueOf(row) === common)) return common
  const values: (Value | null)[] = []
  for (const row of rows) values.push(valueOf(row) ?? null)
  return values
}

/** What the row with this index has. */
export function cell<Value extends string | number>(
  column: Column<Value> | undefined,
  index: number
): Value | undefined {
  return typeof column === 'object' ? (column[index] ?? undefined) : column
}
