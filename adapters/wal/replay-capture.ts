import type { BookCapture, BookParts } from '../../domain/book.ts'
import type { IndexPart } from './event-index.ts'
import type { CapturedPosition } from './log-position.ts'

/**
 * Part of the log that no reader takes: a writer died there, and nobody was told that it was written. An `orphaned`
 * frame is whole, but frames of the same write before it are lost in a hole.
 */
export interface SkippedPart {
  readonly segment: number
  readonly offset: number
  readonly length: number
  readonly kind: 'torn' | 'hole' | 'rotten' | 'orphaned'
}

/** The frame that ends where a replay has come to, in the segment of its position. */
export interface LastFrame {
  readonly start: number
  readonly checksum: number
}

/** What a replay knows apart from its book and its index, at the end of the last good frame. */
export interface CapturedLog {
  readonly position: CapturedPosition
  /** None where the position is the beginning of a segment. */
  readonly lastFrame?: LastFrame
  /** Of each writer its name and the number of its frames. */
  readonly counters: readonly (readonly [writer: string, counter: number])[]
  readonly tornFrames: number
  readonly voidUnits: number
  readonly skipped: readonly SkippedPart[]
}

/** All that a replay has come to: one that is made of it reaches the same verdict on every later frame. */
export interface ReplayParts {
  readonly book: BookParts
  readonly index: Iterable<IndexPart>
  readonly log: CapturedLog
}

export interface ReplayCapture extends ReplayParts {
  readonly book: BookCapture
}
