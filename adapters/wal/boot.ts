import type { OpenFile } from '../file-system/file-system.ts'
import { DamageError, LeftBehindError } from './damage.ts'
import { closeOpenEnd, LineScan } from './scanned-lines.ts'
import { readFully } from './full-read.ts'
import type { LogFolder } from './log-folder.ts'
import { LogReplay } from './log-replay.ts'
import { LogTail } from './log-tail.ts'
import type { LastFrame } from './replay-capture.ts'
import type { SnapshotFolder } from './snapshot/snapshot-folder.ts'
import { UnusableSnapshotError } from './snapshot/snapshot-reader.ts'

export interface UnusableSnapshot {
  readonly path: string
  readonly why: string
}

/** How a ledger came to its state. */
export interface Boot {
  /** The sequence of the snapshot it began with; none where it has replayed the whole log. */
  readonly snapshot?: number
  /** Newer snapshots that could not be used. */
  readonly unusable: readonly UnusableSnapshot[]
}

export interface Booted {
  readonly tail: LogTail
  readonly boot: Boot
}

interface Found {
  readonly replay: LogReplay
  readonly lastFrame: LastFrame | undefined
  readonly boot: Boot
}

/**
 * Reads the state of the log: the newest good snapshot and what follows it, or all of the log; a new one where there was
 * none and need not be one. Throws a DamageError where the log does not hold what was acknowledged.
 */
export async function bootTail(
  folder: LogFolder,
  snapshots: SnapshotFolder,
  mustExist = false
): Promise<Booted> {
  const sequences = await snapshots.list()
  const [newest = 0] = sequences
  await folder.begin(mustExist || newest > 0)
  try {
    return await bootFrom(folder, snapshots, sequences)
  } catch (error) {
    if (!(error instanceof DamageError || error instanceof LeftBehindError)) throw error
    // While this one was reading, others may have written a newer snapshot and removed what it was about to read.
    const [newestNow = 0] = await snapshots.list()
    if (newestNow > newest) return await bootTail(folder, snapshots, mustExist)
    if (error instanceof DamageError) throw error
    throw new DamageError(error.path, 0, 'the segment before it is sealed, but this one is missing')
  }
}

async function bootFrom(
  folder: LogFolder,
  snapshots: SnapshotFolder,
  sequences: readonly number[]
): Promise<Booted> {
  const { replay, lastFrame, boot } = await findState(folder, snapshots, sequences)
  const source = boot.snapshot === undefined ? undefined : snapshots.pathOf(boot.snapshot)
  const { segment } = replay.position
  const file = await openSegment(folder, segment, source)
  const tail = new LogTail(folder, replay, file)
  try {
    if (source !== undefined)
      await requireFit(file, replay, lastFrame, { path: folder.pathOf(segment), source })
    await tail.recover()
    await requireWhole(folder, tail)
    const [newest = 0] = sequences
    if (replay.book.sequence < newest) {
      const what = `${snapshots.pathOf(newest)} was made when the log had ${newest} events, not ${replay.book.sequence}`
      throw new DamageError(folder.pathOf(tail.segment), tail.readEnd, what)
    }
    // Segments that the only good snapshot may need stay, though the log begins behind them.
    const { oldestSequence } = replay.book
    await folder.clear(source === undefined ? 1 : Math.min(oldestSequence, segment), tail.segment)
    return { tail, boot }
  } catch (error) {
    await tail.close()
    throw error
  }
}

/** The state of the newest snapshot that can be used, or that before the first event. */
async function findState(
  folder: LogFolder,
  snapshots: SnapshotFolder,
  sequences: readonly number[]
): Promise<Found> {
  const pathOf = (segment: number): string => folder.pathOf(segment)
  const unusable: UnusableSnapshot[] = []
  for (const snapshot of sequences) {
    try {
      const parts = await snapshots.read(snapshot)
      return {
        replay: new LogReplay(pathOf, parts),
        lastFrame: parts.log.lastFrame,
        boot: { snapshot, unusable }
      }
    } catch (error) {
      if (!(error instanceof UnusableSnapshotError || error instanceof RangeError)) throw error
      unusable.push({ path: snapshots.pathOf(snapshot), why: error.message })
    }
  }
  const why = unusable.map((one) => `${one.path} cannot be used (${one.why})`).join(', ')
  await folder.requireBeginning(why === '' ? 'there is no snapshot' : why)
  return { replay: new LogReplay(pathOf), lastFrame: undefined, boot: { unusable } }
}

async function openSegment(folder: LogFolder, segment: number, source = 'the log'): Promise<OpenFile> {
  try {
    return await folder.open(segment)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const goesOn = (await folder.segments()).some((later) => later > segment)
    if (goesOn) throw new LeftBehindError(folder.pathOf(segment))
    throw new DamageError(folder.pathOf(segment), 0, `it is missing, and ${source} goes on in it`)
  }
}

/**
 * A snapshot is made of what was durable by then. Where the log ends before it, or has another frame there, acknowledged
 * frames are missing, and no older snapshot would bring them back.
 */
async function requireFit(
  file: OpenFile,
  { position }: LogReplay,
  lastFrame: LastFrame | undefined,
  { path, source }: { readonly path: string; readonly source: string }
): Promise<void> {
  const { offset } = position
  if (offset === 0 || lastFrame === undefined) return
  const { start, checksum } = lastFrame
  const bytes = Buffer.allocUnsafe(offset - start)
  const read = bytes.subarray(0, await readFully(file, bytes, start))
  // A last frame without its newline is one byte short of its end.
  const whole = read.length === bytes.length ? read : (closeOpenEnd(read) ?? read)
  const line = new LineScan(whole, start).next()
  if (line?.kind === 'frame' && line.end === offset && line.checksum === checksum) return
  throw new DamageError(path, start, `the frame that ${source} goes on behind is missing or another one`)
}

/** No segment that the log has is missing, and none follows that no seal names. */
async function requireWhole(folder: LogFolder, tail: LogTail): Promise<void> {
  if ((await findFault(folder, tail)) === undefined) return
  // Another process may have sealed or removed it in the meantime.
  await tail.recover()
  const fault = await findFault(folder, tail)
  if (fault !== undefined) throw fault
}

async function findFault(folder: LogFolder, tail: LogTail): Promise<DamageError | undefined> {
  const segments = await folder.segments()
  const orphan = segments.find((segment) => segment > tail.segment)
  if (orphan !== undefined) {
    const what = `it has no seal, but segment ${orphan} follows it`
    return new DamageError(folder.pathOf(tail.segment), tail.readEnd, what)
  }
  const missing = tail.replay.index.segments.find((segment) => !segments.includes(segment))
  return missing === undefined
    ? undefined
    : new DamageError(folder.pathOf(missing), 0, 'the segment is missing')
}
