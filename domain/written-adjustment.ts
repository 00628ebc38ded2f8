import type { SequencedEvent } from './unit.ts'

/**
 * An adjustment that was a unit of its own, in the words of the log: each text is one that JSON has between its quotes, or
 * a part of JSON as it stands there. It is for readers who only pass it on as JSON, and holds on to the text it was cut from.
 */
export interface WrittenAdjustment {
  readonly sequence: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly storeId: string
  readonly sku: string
  /** `"delta":…,"qty":…,"reserved":…`, each a number. */
  readonly amounts: string
  /** Digits. */
  readonly version: string
  /** `,"reason":…,"reference":…`, as far as it has them. */
  readonly notes: string
  /** The store that asked, where it is not the record's own. */
  readonly askedBy: string | undefined
  readonly actor: string | undefined
  /** The key its caller gave, where there was one. */
  readonly idempotencyKey: string | undefined
}

/** An event in the one form or the other, as it is nearer to hand. */
export type PrintableEvent = SequencedEvent | WrittenAdjustment
