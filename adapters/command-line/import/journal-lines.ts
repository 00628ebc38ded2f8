import type { Summary } from './summary.ts'

/** What makes two runs the same import; compared field by field when a journal is found. */
export type Identity = Readonly<Record<string, string | null>>

/** The first line of a journal. */
export interface HeaderLine {
  readonly journal: 'bincard import 1'
  readonly at: string
  readonly keyPrefix: string
  readonly identity: Identity
}

/** These rows are about to be sent under this id; written and synced before the request goes out. */
export interface IntentLine {
  readonly id: number
  readonly intent: readonly number[]
  /** The rows' keys, where they do not follow from the row numbers; null for rows that are not sent. */
  readonly keys?: readonly (string | null)[]
}

/** The answer to an intent: its rows were applied, but for the exceptions. */
export interface AnswerLine {
  readonly id: number
  readonly answered: true
  readonly refused?: Readonly<Record<string, readonly number[]>>
  readonly replayed?: readonly number[]
  /** How long the refused file was with this answer's refusals in it. */
  readonly refusedBytes: number
}

/** The last line of a journal: every row has its answer. */
export interface CompletedLine {
  readonly completed: Summary
}

export type JournalLine = HeaderLine | IntentLine | AnswerLine | CompletedLine

/** The line's meaning, undefined where it has none; the shape is checked as far as a torn line could break it. */
export function journalLine(text: string): JournalLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if ('journal' in value) return value.journal === 'bincard import 1' ? (value as HeaderLine) : undefined
  if ('completed' in value) return value as CompletedLine
  if (!('id' in value) || !Number.isSafeInteger(value.id)) return undefined
  if ('intent' in value && Array.isArray(value.intent)) return value as IntentLine
  if ('answered' in value && 'refusedBytes' in value) return value as AnswerLine
  return undefined
}
