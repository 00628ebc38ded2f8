import type { Item } from './mapping.ts'

export type Counts = Record<string, number>

/** What became of an import, as it is printed, written as JSON and kept in a completed journal. */
export interface Summary {
  readonly state: 'completed' | 'stopped' | 'failed' | 'dry run'
  readonly source: string
  readonly url: string | null
  readonly rowsRead: number
  readonly applied: { readonly rows: number; readonly byKind: Counts; readonly unitsByKind: Counts }
  readonly refused: {
    readonly rows: number
    readonly byReason: Counts
    readonly byKind: Counts
    readonly unitsByKind: Counts
  }
  /** All-or-nothing groups, where the import was made of them. */
  readonly groups: { readonly applied: number; readonly refused: number } | null
  /** Rows that had been applied by an earlier attempt whose answer never came. */
  readonly replayed: number
  /** Rows answered in earlier runs of this import; they are among those applied and refused. */
  readonly answeredEarlier: number
  readonly durationMs: number
  /** Rows answered in this run, for each second of it. */
  readonly rowsPerSecond: number
  /** The dry run's outlook. */
  readonly outlook?: { readonly pairs: number; readonly unitsIn: number; readonly unitsOut: number }
}

export type Outcome =
  | { readonly is: 'applied'; readonly replayed: boolean }
  | { readonly is: 'refused'; readonly code: string; readonly message: string }

/** Counts what became of each row. */
export class Tally {
  #rowsRead = 0
  #answered = 0
  #answeredEarlier = 0
  #replayed = 0
  #appliedGroups = 0
  #refusedGroups = 0
  readonly #applied: Counts = {}
  readonly #appliedUnits: Counts = {}
  readonly #refused: Counts = {}
  readonly #refusedUnits: Counts = {}
  readonly #reasons: Counts = {}

  read(): void {
    this.#rowsRead += 1
  }

  /** Rows that have their answer, from this run or an earlier one. */
  get answered(): number {
    return this.#answered
  }

  answer(item: Item, outcome: Outcome, earlier = false): void {
    this.#answered += 1
    if (earlier) this.#answeredEarlier += 1
    if (outcome.is === 'applied') {
      add(this.#applied, item.kind, 1)
      add(this.#appliedUnits, item.kind, item.units)
      if (outcome.replayed) this.#replayed += 1
      return
    }
    add(this.#refused, item.kind, 1)
    add(this.#refusedUnits, item.kind, item.units)
    add(this.#reasons, outcome.code, 1)
  }

  group(outcome: Outcome): void {
    if (outcome.is === 'applied') this.#appliedGroups += 1
    else this.#refusedGroups += 1
  }

  summary(
    facts: Pick<Summary, 'state' | 'source' | 'url' | 'durationMs' | 'outlook'> & {
      readonly grouped: boolean
    }
  ): Summary {
    const { grouped, ...given } = facts
    const here = this.#answered - this.#answeredEarlier
    return {
      ...given,
      rowsRead: this.#rowsRead,
      applied: {
        rows: sum(this.#applied),
        byKind: { ...this.#applied },
        unitsByKind: { ...this.#appliedUnits }
      },
      refused: {
        rows: sum(this.#refused),
        byReason: { ...this.#reasons },
        byKind: { ...this.#refused },
        unitsByKind: { ...this.#refusedUnits }
      },
      groups: grouped ? { applied: this.#appliedGroups, refused: this.#refusedGroups } : null,
      replayed: this.#replayed,
      answeredEarlier: this.#answeredEarlier,
      rowsPerSecond: Math.round((here * 1000) / Math.max(facts.durationMs, 1))
    }
  }
}

function add(counts: Counts, name: string, amount: number): void {
  // A kind may have the name of something that every object inherits.
  const before = Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0
  Object.defineProperty(counts, name, {
    value: before + amount,
    enumerable: true,
    writable: true,
    configurable: true
  })
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
