import type { BookParts } from '../../domain/book.ts'
import { NodeFileSystem } from '../file-system/node-file-system.ts'
import { CentralModelFiles } from '../sync/central-model-files.ts'
import { DeadLetterFiles } from '../sync/dead-letter-files.ts'
import { recordsOf } from '../sync/snapshot-seed.ts'
import { DamagedFileError, SyncFolder } from '../sync/sync-folder.ts'
import { DamageError } from '../wal/damage.ts'
import type { ReplayParts } from '../wal/replay-capture.ts'
import { SnapshotFolder } from '../wal/snapshot/snapshot-folder.ts'
import { UnusableSnapshotError } from '../wal/snapshot/snapshot-reader.ts'
import { EventCheck, type BeginRecords, type Expectation } from './event-check.ts'
import { LogReading } from './log-reading.ts'
import type { Report } from './report.ts'
import { openIn, type FoundReservations } from './reservation-check.ts'

export interface Verification {
  /** What does not fit, one line each. */
  readonly differences: readonly string[]
  /** What there is to know besides. */
  readonly notes: readonly string[]
  /** What was checked, in one line. */
  readonly summary: string
}

interface FoundSnapshot {
  readonly path: string
  readonly sequence: number
  readonly parts: ReplayParts
}

/**
 * Checks a ledger's folder, and changes nothing in it, also while servers run: every checksum of the log, its snapshots and
 * the files of the synchronization; every event against those before it; and what the ledger, the snapshots and the central
 * model say of each record, and the first two of each reservation, against what the events say. Rejects with ENOENT where there is no log.
 */
export async function verify(dataFolder: string): Promise<Verification> {
  const differences: string[] = []
  const notes: string[] = []
  const report: Report = (difference) => differences.push(difference)
  const reading = new LogReading(dataFolder)
  const [firstSegment = 1] = await reading.segments()
  const model = await centralExpectation(dataFolder, report, notes)
  const snapshots = await readSnapshots(dataFolder, report)
  // The oldest one shows the most of the log; one that the log no longer reaches back to cannot be gone on from.
  const from = firstSegment === 1 ? undefined : snapshots.find(({ parts }) => reaches(parts, firstSegment))
  if (firstSegment !== 1 && from === undefined) {
    report(`the log begins with event ${firstSegment}, and no snapshot that can be used goes back to it`)
    return { differences, notes, summary: 'The log could not be checked' }
  }
  const begin = from?.parts.book.sequence ?? 0
  const expectations = [...(model === undefined ? [] : [model]), ...snapshots.map(snapshotExpectation)]
  const due = expectations.filter(({ sequence }) => sequence >= begin)
  const check = new EventCheck(report, due, from && beginOf(from.parts))
  const checked = `${snapshots.length} snapshots and ${model === undefined ? 'no central model' : 'the central model'}`
  try {
    const { replay, segmentCount } = await reading.read(from?.parts, (event) => check.take(event))
    check.end()
    const capture = replay.book.capture()
    // The parts are drawn once, and both look at all records.
    const book = { ...capture, records: [...capture.records] }
    check.compare({
      source: 'the ledger',
      records: () => recordsOf(book.records),
      reservations: () => reservationsOf(book)
    })
    capture.release()
    if (replay.tornFrames > 0) notes.push(`${replay.tornFrames} parts of the log were never acknowledged`)
    const events = `${check.sequence - begin} events in ${segmentCount} segments`
    const start = begin === 0 ? '' : `, from event ${begin + 1} on`
    return { differences, notes, summary: `Checked ${events}${start}, ${checked}` }
  } catch (error) {
    if (!(error instanceof DamageError)) throw error
    report(error.message)
    return {
      differences,
      notes,
      summary: `Checked ${check.sequence - begin} events up to the damage, ${checked}`
    }
  }
}

async function centralExpectation(
  dataFolder: string,
  report: Report,
  notes: string[]
): Promise<Expectation | undefined> {
  const folder = new SyncFolder(dataFolder)
  const letters = await new DeadLetterFiles(folder).sequences()
  if (letters.length > 0) notes.push(`${letters.length} dead letters: events ${letters.join(', ')}`)
  for (const name of ['control', 'progress', 'heartbeat']) {
    await folder.read(name).catch(unlessDamaged(report))
  }
  for (const letter of letters) {
    await folder.read(DeadLetterFiles.nameOf(letter)).catch(unlessDamaged(report))
  }
  const saved = await new CentralModelFiles(folder, () => undefined).loadNewest().catch(unlessDamaged(report))
  if (saved === undefined) return undefined
  const outOfStep = new Set([...saved.outOfStep].map(({ storeId, sku }) => JSON.stringify([storeId, sku])))
  if (outOfStep.size > 0) notes.push(`the central model does not vouch for ${[...outOfStep].join(', ')}`)
  return {
    source: 'the central model',
    sequence: saved.sequence,
    records: () => saved.records,
    leavesOut: (storeId, sku) => outOfStep.has(JSON.stringify([storeId, sku]))
  }
}

/** Those that can be used, the oldest first. */
async function readSnapshots(dataFolder: string, report: Report): Promise<FoundSnapshot[]> {
  const folder = new SnapshotFolder(new NodeFileSystem(), dataFolder)
  const found: FoundSnapshot[] = []
  for (const sequence of (await folder.list()).reverse()) {
    const path = folder.pathOf(sequence)
    try {
      found.push({ path, sequence, parts: await folder.read(sequence) })
    } catch (error) {
      if (!(error instanceof UnusableSnapshotError || error instanceof RangeError)) throw error
      // A server may have removed it meanwhile, as it is an old one.
      if ((await folder.list()).includes(sequence)) report(`${path} cannot be used: ${error.message}`)
    }
  }
  return found
}

function snapshotExpectation({ path, sequence, parts }: FoundSnapshot): Expectation {
  const { book } = parts
  return {
    source: path,
    sequence,
    records: () => recordsOf(book.records),
    reservations: () => reservationsOf(book)
  }
}

/** Whether the log still has all that comes behind the snapshot. */
function reaches({ log }: ReplayParts, firstSegment: number): boolean {
  return log.position.segment >= firstSegment
}

function beginOf({ book }: ReplayParts): BeginRecords {
  return {
    sequence: book.sequence,
    records: recordsOf(book.records),
    reservations: reservationsOf(book)
  }
}

function reservationsOf({ records, ended }: Pick<BookParts, 'records' | 'ended'>): FoundReservations {
  return { open: openIn(records), ended }
}

function unlessDamaged(report: Report): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof DamagedFileError)) throw error
    report(error.message)
  }
}
