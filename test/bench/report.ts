/** One line of what was measured. */
export interface Line {
  readonly name: string
  /** What the product reached, with its unit. */
  readonly figure: string
  /** What it is measured against, with its unit; nothing where the goal is a figure of its own. */
  readonly against?: string
  readonly ratio?: number
  /** Nothing where the line is for information. */
  readonly goal?: { readonly text: string; readonly isMet: boolean }
  readonly notes?: readonly string[]
}

const columns = [30, 20, 26, 8, 18]

export function printHead(): void {
  console.log(row(['', 'Bincard', 'against', 'ratio', 'goal']))
}

export function printLine({ name, figure, against = '', ratio, goal, notes = [] }: Line): void {
  const verdict = goal === undefined ? 'for information' : `${goal.text} ${goal.isMet ? 'met' : 'NOT MET'}`
  console.log(row([name, figure, against, ratio?.toFixed(2) ?? '', verdict]))
  for (const note of notes) console.log(`    ${note}`)
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(columns[index] ?? 0))
    .join(' ')
    .trimEnd()
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
