import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** What a ledger takes of its disk. */
export interface DiskUsage {
  /** Of all segments together. */
  readonly logBytes: number
  /** When the newest snapshot was written, in milliseconds since the epoch; undefined where there is none. */
  readonly snapshotAt: number | undefined
  /** The newest event that is in a snapshot; 0 where there is none. */
  readonly snapshotSequence: number
}

/** The file system that a folder is on. */
export interface DiskSpace {
  readonly sizeBytes: number
  /** What is left for this user: systems keep some for root. */
  readonly freeBytes: number
}

/** Rejects where the folder is not there. */
export async function diskSpace(folder: string): Promise<DiskSpace> {
  const { bsize, blocks, bfree, bavail } = await statfs(folder)
  // As df counts: what only root may use is no part of the disk.
  return { sizeBytes: (blocks - bfree + bavail) * bsize, freeBytes: bavail * bsize }
}

/** Looks at the files of the ledger in a folder. Where one is removed meanwhile it does not count. */
export async function diskUsage(dataFolder: string): Promise<DiskUsage> {
  const segments = await filesIn(join(dataFolder, 'log'), '.wal')
  const snapshots = await filesIn(join(dataFolder, 'snapshots'), '.snapshot')
  const newest = snapshots.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), -Infinity)
  const snapshotSequence = snapshots.reduce(
    (latest, { name }) => Math.max(latest, parseInt(name, 10) || 0),
    0
  )
  return {
    snapshotSequence,
    logBytes: segments.reduce((sum, { size }) => sum + size, 0),
    snapshotAt: Number.isFinite(newest) ? newest : undefined
  }
}

interface LedgerFile {
  readonly name: string
  readonly size: number
  readonly mtimeMs: number
}

async function fileAt(folder: string, name: string): Promise<LedgerFile> {
  const { size, mtimeMs } = await stat(join(folder, name))
  return { name, size, mtimeMs }
}

async function filesIn(folder: string, extension: string): Promise<LedgerFile[]> {
  const names = await readdir(folder).catch(onMissing(() => []))
  const files = names
    .filter((name) => name.endsWith(extension))
    .map((name) => fileAt(folder, name).catch(onMissing(() => undefined)))
  return (await Promise.all(files)).filter((file) => file !== undefined)
}

function onMissing<Value>(otherwise: () => Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return otherwise()
    throw error
  }
}
