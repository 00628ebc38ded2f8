import { stat, writeFile } from 'node:fs/promises'
import lockfile from 'proper-lockfile'
import writeFileAtomic from 'write-file-atomic'
import type { FileSystem } from '../file-system/file-system.ts'
import { NodeFileSystem } from '../file-system/node-file-system.ts'

/** A lock whose holder has not renewed it for so long is taken over. */
const STALE_MS = 3000
const RENEWAL_MS = 1000

/** What the files of the synchronization need of a disk: the file system, and what libraries do on top of it. */
export interface SyncDisk {
  readonly fileSystem: FileSystem
  /**
   * Puts the bytes in the place of the file, or makes it, in one step for every reader. With `isSynced` they are on the
   * disk before it has its name, which is durable after `syncFolder`. Where it rejects, the file is as it was.
   */
  replace(path: string, bytes: Uint8Array, isSynced: boolean): Promise<void>
  /** When the file was last written, in milliseconds since the epoch. Rejects with ENOENT where there is none. */
  modifiedAt(path: string): Promise<number>
  /**
   * Locks a name among all processes, and returns how it is released. Rejects with ELOCKED where another one holds it.
   * `onCompromised` is told where it was taken over.
   */
  lock(path: string, onCompromised: () => void): Promise<() => Promise<void>>
}

/** The disk of the machine. */
export const nodeSyncDisk: SyncDisk = {
  fileSystem: new NodeFileSystem(),

  replace: (path, bytes, isSynced) =>
    writeFileAtomic(path, '', { fsync: isSynced, tmpfileCreated: fillWith(bytes) }),

  modifiedAt: async (path) => (await stat(path)).mtimeMs,

  lock: (path, onCompromised) =>
    lockfile.lock(path, { realpath: false, stale: STALE_MS, update: RENEWAL_MS, onCompromised })
}

/**
 * Writes the bytes before write-file-atomic, which does not look at how many of its own were written: on a full disk it
 * would put a part of them in the place of the whole. This checks each, and lets the write fail.
 */
function fillWith(bytes: Uint8Array): (path: string) => void {
  // Its types do not say so, but it waits for the promise.
  return (path) => writeFile(path, bytes, { flag: 'r+' }) as unknown as undefined
}
