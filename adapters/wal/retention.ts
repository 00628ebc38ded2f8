export interface RetentionBounds {
  /** The sequence of the newest event. */
  readonly newest: number
  /** How many of the newest events are kept at least. */
  readonly eventCount: number
  /** Up to which event every reader has come. */
  readonly checkpoint: number
  /** The segment at which the oldest good snapshot goes on; nothing from there on may go. */
  readonly coveredSegment: number
}

/**
 * The first sequence that stays when whole segments go: the last one of `segments` (first sequences, in order) all of
 * whose events before it are beyond the count, below the checkpoint and covered. Undefined where no segment goes.
 */
export function firstKept(segments: readonly number[], bounds: RetentionBounds): number | undefined {
  const { newest, eventCount, checkpoint, coveredSegment } = bounds
  const limit = Math.min(newest - eventCount + 1, checkpoint + 1, coveredSegment)
  const kept = segments.findLast((segment) => segment <= limit)
  return kept === undefined || kept === segments[0] ? undefined : kept
}
