import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import type { SyncDisk } from '../../../adapters/sync/sync-disk.ts'

/**
 * The disk of the synchronization on any file system, with each call that write-file-atomic makes of the machine's where
 * it matters after a power cut. Whoever holds the lock is alone: it is no file that anything depends on.
 */
export function simulatedSyncDisk(fileSystem: FileSystem): SyncDisk {
  let writes = 0
  return {
    fileSystem,
    replace: async (path, bytes, isSynced) => {
      const unfinished = `${path}.${++writes}`
      // One that was left by a writer that died is begun anew.
      await fileSystem.remove(unfinished).catch(() => undefined)
      const file = await fileSystem.open(unfinished, 'create')
      for (let written = 0; written < bytes.length;) written += await file.append(bytes.subarray(written))
      if (isSynced) await file.syncData()
      await file.close()
      await fileSystem.rename(unfinished, path)
    },
    modifiedAt: () => Promise.resolve(Infinity),
    lock: () => Promise.resolve(() => Promise.resolve())
  }
}
