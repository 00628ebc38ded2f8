import type { CentralModelParts } from '../../domain/central-model.ts'
import type { CentralRecord } from '../../domain/central-records.ts'
import { statesIn, type RecordColumns } from '../../domain/record-columns.ts'
import type { FileSystem } from '../file-system/file-system.ts'
import { NodeFileSystem } from '../file-system/node-file-system.ts'
import { SnapshotFolder } from '../wal/snapshot/snapshot-folder.ts'
import { UnusableSnapshotError } from '../wal/snapshot/snapshot-reader.ts'

/** The central model as the newest good snapshot of the ledger says; undefined where there is none. */
export async function seedFromSnapshot(
  dataFolder: string,
  fileSystem: FileSystem = new NodeFileSystem()
): Promise<CentralModelParts | undefined> {
  const snapshots = new SnapshotFolder(fileSystem, dataFolder)
  for (const sequence of await snapshots.list()) {
    try {
      const { book } = await snapshots.read(sequence)
      return { sequence: book.sequence, records: recordsOf(book.records), outOfStep: [] }
    } catch (error) {
      if (!(error instanceof UnusableSnapshotError || error instanceof RangeError)) throw error
    }
  }
  return undefined
}

/** The records of a ledger's book as the central model has them. */
export function* recordsOf(blocks: Iterable<RecordColumns>): Generator<CentralRecord> {
  for (const { storeId, sku, qty, reserved, version, updatedAt, deleted } of statesIn(blocks)) {
    yield { storeId, sku, qty, reserved, version, updatedAt, deleted }
  }
}
