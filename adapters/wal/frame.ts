import type { LoggedUnit } from '../../domain/logged-unit.ts'

/** How far a writer knows the log to be durable: the segment, a frame boundary in it, and the chain up to there. */
export type DurableMark = readonly [segment: number, offset: number, chain: number]

interface FrameHead {
  /** `<writer>-<counter>`. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly durable?: DurableMark
}

export interface UnitFrame extends FrameHead, LoggedUnit {
  readonly id: string
  readonly at: number
}

/** The last frame of a segment: what lands behind it is void. */
export interface SealFrame extends FrameHead {
  /** The name of the file, already on disk, that becomes the next segment. */
  readonly seal: string
}

/** Says only how far the log is durable; written when a ledger closes. */
export interface MarkFrame extends FrameHead {
  readonly mark: true
}

/** From here on the segments before the one that begins with this sequence are no part of the log. */
export interface RetentionFrame extends FrameHead {
  readonly retained: number
}

export type Frame = UnitFrame | SealFrame | MarkFrame | RetentionFrame

/** The chain after one more good frame: changes with any frame that is missing, added or out of order. */
export function extendChain(chain: number, checksum: number): number {
  // FNV-1a on whole words; the checksums it runs over are already well spread.
  return Math.imul(chain ^ checksum, 0x01000193) >>> 0
}
