import type { Read, WatchedFigure } from './watched-figures.ts'

export interface DiskFigureSources {
  /** What the ledger takes of its disk. */
  readonly usage: () => Promise<{
    readonly logBytes: number
    /** When the newest snapshot was written, in milliseconds since the epoch; undefined without one. */
    readonly snapshotAt: number | undefined
    /** The newest event that is in it; 0 without one. */
    readonly snapshotSequence: number
  }>
  /** The file system that the ledger is on. */
  readonly space: () => Promise<{ readonly sizeBytes: number; readonly freeBytes: number }>
  /** The newest event. */
  readonly sequence: () => number
  /** How many events after a snapshot the next one is worth writing. */
  readonly snapshotDueEvents: () => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

type Watch = (figure: WatchedFigure, read: Read) => void

/** What is seen of the folder of a ledger. Every process on it sees the same, so it is not added up. */
export function watchDisk(watch: Watch, prefix: string, sources: DiskFigureSources): void {
  const { sequence, snapshotDueEvents, now } = sources
  const usage = sharedWhileUnderWay(sources.usage)
  const space = sharedWhileUnderWay(sources.space)
  const figure = (
    name: string,
    help: string,
    read: () => number | undefined | Promise<number | undefined>
  ): void =>
    watch({ name: `${prefix}${name}`, help, aggregator: 'max' }, async () => {
      const value = await read()
      return value === undefined ? [] : [[{}, value]]
    })
  figure('log_size_bytes', 'Size of all segments of the log', async () => (await usage()).logBytes)
  figure(
    'snapshot_age_seconds',
    'Time since the newest snapshot was written; not there without one',
    async () => {
      const { snapshotAt } = await usage()
      return snapshotAt === undefined ? undefined : Math.max(0, now() - snapshotAt) / 1000
    }
  )
  figure(
    'events_since_snapshot',
    'Events that are in no snapshot, which the next start has to replay',
    async () => Math.max(0, sequence() - (await usage()).snapshotSequence)
  )
  figure(
    'snapshot_due_events',
    'Events after a snapshot at which the next one is worth writing',
    snapshotDueEvents
  )
  figure(
    'disk_size_bytes',
    'Size of the file system that the ledger is on',
    async () => (await space()).sizeBytes
  )
  figure(
    'disk_free_bytes',
    'What the service may still write to the file system that the ledger is on',
    async () => (await space()).freeBytes
  )
}

/** The figures of one scrape are read together, and the disk is asked once for all of them. */
function sharedWhileUnderWay<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | undefined
  return () => {
    underWay ??= read().finally(() => (underWay = undefined))
    return underWay
  }
}
