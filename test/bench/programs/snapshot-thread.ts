import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { isMainThread, Worker } from 'node:worker_threads'
import { lowerThreadPriority } from '../../../adapters/sync/thread-priority.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'

/*
 * Loaded into the service with `--import`: a thread with a ledger of its own on the service's folder, as the sync worker
 * has one. It writes snapshots, one after the other, as long as the file is there that asks for them.
 */
const { SNAPSHOT_THREAD_FOLDER: dataFolder, SNAPSHOT_THREAD_WANTED: wanted } = process.env
const pollMs = 50

if (dataFolder !== undefined && wanted !== undefined) {
  if (isMainThread) new Worker(new URL(import.meta.url), { execArgv: [] }).unref()
  else await writeWhileWanted(dataFolder, wanted)
}

async function writeWhileWanted(folder: string, file: string): Promise<void> {
  lowerThreadPriority()
  const ledger = await openWalLedger({ dataFolder: folder })
  for (;;) {
    if (existsSync(file)) await ledger.writeSnapshot()
    else await wait(pollMs)
  }
}
