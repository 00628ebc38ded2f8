import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What a ledger takes of its disk. */
export interface DiskUsage {
  /** Of all segments together. */
  readonly logBytes: number
  /** When the newest snapshot was written, in milliseconds since the epoch; undefined where there is none. */
  readonly snapshotAt: number | undefined
}

/** Looks at the files of the ledger in a folder. Where one is removed meanwhile it does not count. */
export async function diskUsage(dataFolder: string): Promise<DiskUsage> {
  const segments = await filesIn(join(dataFolder, 'log'), '.wal')
  const snapshots = await filesIn(join(dataFolder, 'snapshots'), '.snapshot')
  const newest = snapshots.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), -Infinity)
  return {
    logBytes: segments.reduce((sum, { size }) => sum + size, 0),
    snapshotAt: Number.isFinite(newest) ? newest : undefined
  }
}

async function filesIn(folder: string, extension: string): Promise<{ size: number; mtimeMs: number }[]> {
  const names = await readdir(folder).catch(onMissing(() => []))
  const files = names
    .filter((name) => name.endsWith(extension))
    .map((name) => stat(join(folder, name)).catch(onMissing(() => undefined)))
  return (await Promise.all(files)).filter((file) => file !== undefined)
}

function onMissing<Value>(otherwise: () => Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return otherwise()
    throw error
  }
}
