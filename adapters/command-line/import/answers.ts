import type { Journal } from './journal.ts'
import type { AnswerLine } from './journal-lines.ts'
import type { Item } from './mapping.ts'
import type { RefusedRow, RefusedRows } from './refused-rows.ts'
import type { Outcome, Tally } from './summary.ts'

/** What became of the rows of one request, or of those that needed none. */
export interface Answer {
  /** The id of their intent in the journal. */
  readonly id: number
  readonly outcomes: readonly { readonly item: Item; readonly outcome: Outcome }[]
  /** All of them stand or fall together. */
  readonly isGroup: boolean
}

/**
 * Takes answers from all lanes, one after the other: the refused rows first, then the journal, which notes how long
 * the refused file then was. So the two agree however the import ends, and a second run can cut what has no answer.
 */
export class Answers {
  readonly #journal: Journal
  readonly #refused: RefusedRows
  readonly #tally: Tally
  #last: Promise<void> = Promise.resolve()

  constructor(journal: Journal, refused: RefusedRows, tally: Tally) {
    this.#journal = journal
    this.#refused = refused
    this.#tally = tally
  }

  async take(answer: Answer): Promise<void> {
    const taken = this.#last.then(async () => {
      await this.#write(answer)
    })
    this.#last = taken.catch(() => undefined)
    await taken
  }

  async #write(answer: Answer): Promise<void> {
    const rows: RefusedRow[] = []
    const refused: Record<string, number[]> = {}
    const replayed: number[] = []
    for (const { item, outcome } of answer.outcomes) {
      if (outcome.is === 'refused') {
        rows.push({ row: item.row, cells: item.cells, code: outcome.code, message: outcome.message })
        ;(refused[outcome.code] ??= []).push(item.row)
      } else if (outcome.replayed) replayed.push(item.row)
    }
    await this.#refused.append(rows)
    const line: AnswerLine = {
      id: answer.id,
      answered: true,
      ...(rows.length > 0 ? { refused } : {}),
      ...(replayed.length > 0 ? { replayed } : {}),
      refusedBytes: this.#refused.bytes
    }
    await this.#journal.answered(line)
    for (const { item, outcome } of answer.outcomes) this.#tally.answer(item, outcome)
    const first = answer.outcomes[0]
    if (answer.isGroup && first !== undefined) this.#tally.group(first.outcome)
  }
}
