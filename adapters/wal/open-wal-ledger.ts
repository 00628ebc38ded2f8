import type { FileSystem } from '../file-system/file-system.ts'
import { networkFileSystemOf } from '../file-system/network-file-system.ts'
import { NodeFileSystem } from '../file-system/node-file-system.ts'
import { DamageError } from './damage.ts'
import { EventReader } from './event-reader.ts'
import { LogFolder } from './log-folder.ts'
import { LogReplay } from './log-replay.ts'
import { LogTail } from './log-tail.ts'
import { WalLedger } from './wal-ledger.ts'

export interface WalLedgerOptions {
  /** The folder that holds all the ledger writes. It is made where it is missing. */
  readonly dataFolder: string
  readonly fileSystem?: FileSystem
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Writes that may wait before new ones are refused. */
  readonly queueDepthMax?: number
  /** A segment is sealed once it has come to this size. */
  readonly segmentBytesMax?: number
  readonly lookIntervalMs?: number
  /** Told once, when the ledger stops taking writes. */
  readonly onFailure?: (error: unknown) => void
  /** Resolves when all the requests that the present turn of the event loop brings have come. */
  readonly endOfTurn?: () => Promise<void>
}

/**
 * Opens the ledger in a folder, other processes may have it open too. It resolves when the whole log has been read and
 * is durable. Throws a DamageError, and changes nothing, where the log does not hold what was acknowledged.
 */
export async function openWalLedger(options: WalLedgerOptions): Promise<WalLedger> {
  const { fileSystem = new NodeFileSystem(), now = Date.now, onFailure = () => undefined } = options
  const folder = new LogFolder(fileSystem, options.dataFolder)
  await fileSystem.makeFolder(options.dataFolder)
  if (options.fileSystem === undefined) await requireLocal(options.dataFolder)
  await folder.begin()
  const tail = new LogTail(
    folder,
    new LogReplay(1, (segment) => folder.pathOf(segment)),
    await folder.open(1)
  )
  try {
    await tail.recover()
    await requireNoOrphans(folder, tail)
  } catch (error) {
    await tail.close()
    throw error
  }
  return new WalLedger({
    tail,
    reader: new EventReader(folder, tail.replay.index),
    now,
    onFailure,
    queueDepthMax: options.queueDepthMax ?? 500,
    segmentBytesMax: options.segmentBytesMax ?? 64 * 1024 * 1024,
    lookIntervalMs: options.lookIntervalMs ?? 20,
    endOfTurn: options.endOfTurn ?? (() => new Promise((resolve) => setImmediate(resolve)))
  })
}

async function requireLocal(dataFolder: string): Promise<void> {
  const network = await networkFileSystemOf(dataFolder)
  if (network === undefined) return
  throw new Error(
    `${dataFolder} is on ${network}: the ledger needs a local file system, which keeps appends apart`
  )
}

/** A segment behind one that is not sealed: the seal, and whatever stood before it, is gone. */
async function requireNoOrphans(folder: LogFolder, tail: LogTail): Promise<void> {
  const segments = await folder.segments()
  const orphan = segments.find((segment) => segment > tail.segment)
  if (orphan === undefined) return
  // Another process may have sealed it in the meantime.
  await tail.recover()
  if (orphan <= tail.segment) return
  throw new DamageError(
    folder.pathOf(tail.segment),
    tail.readEnd,
    `it has no seal, but segment ${orphan} follows it`
  )
}
