import { type Mapping, recordOf } from './mapping.ts'
import type { RefusedRows } from './refused-rows.ts'
import type { RowSource } from './rows.ts'
import type { Summary, Tally } from './summary.ts'

/**
 * Reads and checks every row without sending any; bad rows go to the refused file. Rows that would be sent are counted
 * as applied: whether there is stock for them only the service knows.
 */
export async function rehearse(
  source: RowSource,
  mapping: Mapping,
  refused: RefusedRows,
  tally: Tally,
  stop: AbortSignal
): Promise<NonNullable<Summary['outlook']>> {
  const pairs = new Set<string>()
  let unitsIn = 0
  let unitsOut = 0
  for await (const row of source.rows) {
    if (stop.aborted) break
    const item = mapping.read(row)
    tally.read()
    if (item.refusal !== undefined) {
      await refused.append([{ row: item.row, cells: item.cells, ...item.refusal }])
      tally.answer(item, { is: 'refused', ...item.refusal })
      continue
    }
    tally.answer(item, { is: 'applied', replayed: false })
    if (item.movement === undefined) continue
    pairs.add(recordOf(item.movement))
    if (item.movement.delta > 0) unitsIn += item.movement.delta
    else unitsOut -= item.movement.delta
  }
  return { pairs: pairs.size, unitsIn, unitsOut }
}
