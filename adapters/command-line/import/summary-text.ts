import type { Counts, Summary } from './summary.ts'

const numbers = new Intl.NumberFormat('en-US')

const TITLES: Readonly<Record<Summary['state'], string>> = {
  completed: 'Imported',
  stopped: 'Stopped importing',
  failed: 'Failed to import',
  'dry run': 'Checked, nothing sent:'
}

/** The summary for people: a head line, a table of kinds, the reasons of refusals. */
export function summaryText(summary: Summary): string {
  const seconds = (summary.durationMs / 1000).toFixed(1)
  const speed =
    summary.state === 'dry run' ? '' : ` (${numbers.format(summary.rowsPerSecond)} rows per second)`
  const target = summary.url === null ? '' : ` into ${summary.url}`
  const lines = [
    `${TITLES[summary.state]} ${summary.source}${target}: ${rows(summary.rowsRead)} read in ${seconds} s${speed}`,
    ...kindTable(summary)
  ]
  for (const [reason, count] of Object.entries(summary.refused.byReason)) {
    lines.push(`refused as ${reason}: ${rows(count)}`)
  }
  if (summary.groups !== null) {
    lines.push(
      `groups: ${numbers.format(summary.groups.applied)} applied, ${numbers.format(summary.groups.refused)} refused`
    )
  }
  if (summary.replayed > 0) lines.push(`found applied by an earlier attempt: ${rows(summary.replayed)}`)
  if (summary.answeredEarlier > 0) lines.push(`answered in earlier runs: ${rows(summary.answeredEarlier)}`)
  if (summary.outlook !== undefined) {
    const { pairs, unitsIn, unitsOut } = summary.outlook
    lines.push(
      `would move ${numbers.format(unitsIn)} units in and ${numbers.format(unitsOut)} out, ${numbers.format(pairs)} pairs of store and SKU`
    )
  }
  return `${lines.join('\n')}\n`
}

function rows(count: number): string {
  return `${numbers.format(count)} ${count === 1 ? 'row' : 'rows'}`
}

function kindTable({ applied, refused }: Summary): string[] {
  const kinds = [...new Set([...Object.keys(applied.byKind), ...Object.keys(refused.byKind)])]
  const table = [
    ['kind', 'applied', 'units', 'refused', 'units'],
    ...kinds.map((kind) => [
      printable(kind),
      ...[applied.byKind, applied.unitsByKind, refused.byKind, refused.unitsByKind].map((counts) =>
        at(counts, kind)
      )
    ]),
    ['all', applied.rows, total(applied.unitsByKind), refused.rows, total(refused.unitsByKind)].map((cell) =>
      typeof cell === 'number' ? numbers.format(cell) : cell
    )
  ]
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...table.map((cells) => (cells[column] ?? '').length))
  )
  return table.map((cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
      )
      .join('  ')
  )
}

function at(counts: Counts, kind: string): string {
  return numbers.format(Object.hasOwn(counts, kind) ? (counts[kind] ?? 0) : 0)
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** A kind is text of the input: control characters must not reach the terminal. */
function printable(kind: string): string {
  return kind === '' ? '""' : kind.replace(/\p{Cc}/gu, '?').slice(0, 40)
}
