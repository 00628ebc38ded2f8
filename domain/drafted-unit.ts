import type { LoggedUnit } from './logged-unit.ts'
import type { RecordState } from './record.ts'

/** What a unit came to as it was drafted, which need not be found out again where it takes effect just there. */
export interface DraftedEffect {
  /** The states of the records after its events. */
  readonly states: readonly RecordState[]
  /** Of the keys of its answers. */
  readonly keyHashes: readonly number[]
}

export interface DraftedUnit {
  readonly unit: LoggedUnit
  /** Undefined where a command led to several events: the states between them are not kept. */
  readonly effect: DraftedEffect | undefined
}
