import type { LedgerObserver } from '../../domain/ledger.ts'
import type { FileSystem } from '../file-system/file-system.ts'
import { networkFileSystemOf } from '../file-system/network-file-system.ts'
import { NodeFileSystem } from '../file-system/node-file-system.ts'
import { bootTail } from './boot.ts'
import { EventReader } from './event-reader.ts'
import { LogFolder } from './log-folder.ts'
import { SnapshotFolder } from './snapshot/snapshot-folder.ts'
import { WalLedger } from './wal-ledger.ts'

export interface WalLedgerOptions {
  /** The folder that holds all the ledger writes. It is made where it is missing. */
  readonly dataFolder: string
  /** Whether there is a ledger: a folder without one is then damage, and none is begun. */
  readonly mustExist?: boolean
  readonly fileSystem?: FileSystem
  /** Whether a folder on a network file system is refused; by default where the file system is that of the machine. */
  readonly mustBeLocal?: boolean
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Writes that may wait before new ones are refused. */
  readonly queueDepthMax?: number
  /** A segment is sealed once it has come to this size. */
  readonly segmentBytesMax?: number
  readonly lookIntervalMs?: number
  /** Told once, when the ledger stops taking writes. */
  readonly onFailure?: (error: unknown) => void
  readonly observer?: LedgerObserver | undefined
  /** Resolves when all the requests that the present turn of the event loop brings have come. */
  readonly endOfTurn?: () => Promise<void>
}

/**
 * Opens the ledger in a folder, other processes may have it open too. It resolves when the newest good
 * snapshot and the log behind it have been read, the whole log where there is none, and all of it is durable. Throws a DamageError, and changes nothing, where the log does not hold what was acknowledged.
 */
export async function openWalLedger(options: WalLedgerOptions): Promise<WalLedger> {
  const { fileSystem = new NodeFileSystem(), now = Date.now, onFailure = () => undefined } = options
  const folder = new LogFolder(fileSystem, options.dataFolder)
  await fileSystem.makeFolder(options.dataFolder)
  if (options.mustBeLocal ?? options.fileSystem === undefined) await requireLocal(options.dataFolder)
  const snapshots = new SnapshotFolder(fileSystem, options.dataFolder)
  const { tail, boot } = await bootTail(folder, snapshots, options.mustExist)
  return new WalLedger({
    tail,
    folder,
    snapshots,
    boot,
    reader: new EventReader(folder, tail.replay.index),
    now,
    onFailure,
    observer: options.observer,
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
