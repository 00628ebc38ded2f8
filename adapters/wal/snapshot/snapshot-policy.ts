/** A snapshot rewrites every record: it is worth that once so many of them may have changed. */
const EVENTS_PER_RECORD_MIN = 0.1
/** Of the time that passes, the share that goes into snapshots at most. */
const SHARE_OF_TIME_MAX = 0.05

export interface SnapshotSituation {
  /** That of the newest event. */
  readonly sequence: number
  /** That of the newest snapshot on disk, 0 for none. */
  readonly snapshotSequence: number
  readonly recordCount: number
  /** Milliseconds since this process has last finished a snapshot, by a clock that never jumps; none where it has not. */
  readonly sinceLastMs?: number
  /** How long that took. */
  readonly lastDurationMs?: number
}

/**
 * When a snapshot is due: after `everyEvents` events, but no sooner than the work is worth. The events since the last one
 * are at least a tenth of the records, so that all snapshots together cost no more than some ten records written per
 * event; and snapshots take at most a twentieth of the time. What is replayed at the next start is bounded all the same:
 * by the greater of the two counts, and by what comes in twenty times the time a snapshot takes.
 */
export class SnapshotPolicy {
  readonly #everyEvents: number

  /** Throws a RangeError unless `everyEvents` is a whole number from 1. */
  constructor(everyEvents: number) {
    if (!Number.isSafeInteger(everyEvents) || everyEvents < 1) {
      throw new RangeError(`a snapshot every ${everyEvents} events; allowed is a whole number from 1`)
    }
    this.#everyEvents = everyEvents
  }

  isDue({
    sequence,
    snapshotSequence,
    recordCount,
    sinceLastMs,
    lastDurationMs
  }: SnapshotSituation): boolean {
    const events = sequence - snapshotSequence
    if (events < this.dueAfterEvents(recordCount)) return false
    if (sinceLastMs === undefined || lastDurationMs === undefined) return true
    return sinceLastMs >= lastDurationMs * (1 / SHARE_OF_TIME_MAX - 1)
  }

  /** How many events after a snapshot of so many records the next one is due at the earliest. */
  dueAfterEvents(recordCount: number): number {
    return Math.max(this.#everyEvents, Math.ceil(recordCount * EVENTS_PER_RECORD_MIN))
  }
}
