import type { Command } from './commands.ts'
import type { StockEvent } from './events.ts'
import type { RecordView } from './record.ts'
import type { Refusal } from './refusals.ts'
import type { UnitTrace } from './unit-trace.ts'

/** One caller's try at one effect: the same key with another fingerprint is another request under a used key. */
export interface IdempotencyIdentity {
  /** Scope and key in one text, so that two callers never share a key. */
  readonly key: string
  readonly fingerprint: string
  /** Milliseconds since the epoch until which the answer is remembered. */
  readonly until: number
}

export interface Line {
  readonly command: Command
  readonly identity?: IdempotencyIdentity
}

/** What is decided together. */
export interface Unit {
  /** Milliseconds since the epoch at which it is decided. */
  readonly at: number
  /** One of no lines only says how late it is: answers that are remembered no longer by then are let go. */
  readonly lines: readonly Line[]
  /** All lines or none; otherwise each line on its own, in order, against the effect of those before it. */
  readonly atomic: boolean
  /** The key of the whole unit; its answer and all its events are then written in one step. */
  readonly identity?: IdempotencyIdentity
  readonly actor?: string
  /** Whoever wants to know where the time goes; it is no part of what is decided or written. */
  readonly trace?: UnitTrace
}

export interface ReservationView {
  readonly id: string
  readonly qty: number
  readonly status: 'open'
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** What became of one line. `replayed` says that it is the answer first given to the line's own key. */
export type LineResult =
  | {
      readonly applied: true
      readonly record: RecordView
      readonly reservation?: ReservationView
      readonly replayed?: boolean
    }
  | {
      readonly applied: false
      readonly refusal: Refusal
      /** The record as it was when the line was refused; zeros where there is none. */
      readonly current: { readonly qty: number; readonly version: number }
      readonly replayed?: boolean
    }

/** What is remembered under a key and answered again, word for word. */
export interface Answer {
  /** Milliseconds since the epoch at which it was first given. */
  readonly at: number
  /** In the order of the lines; only the refused line where an atomic unit was refused. */
  readonly results: readonly LineResult[]
  /** The line, from 0, on which an atomic unit was refused. */
  readonly refusedLine?: number
}

export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly replayed: boolean }
  | { readonly kind: 'key_conflict'; readonly key: string }

/** An event as the log holds it. */
export interface SequencedEvent {
  /** From 1, without gaps, in the order in which events took effect. */
  readonly sequence: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly unitId: string
  readonly actor?: string
  /** The key its caller gave, where there was one. */
  readonly idempotencyKey?: string
  readonly event: StockEvent
}
