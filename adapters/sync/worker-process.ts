import {
  openSyncWorker,
  type SyncListeners,
  type SyncLog,
  type SyncWorker,
  type SyncWorkerSettings
} from './sync-worker.ts'

export interface WorkerProcess extends Pick<SyncWorker, 'synchronizer' | 'ledger'> {
  /** What to say of it when it has begun. */
  readonly line: string
  /** Ends the pass that is under way and lets go of everything. */
  close(): Promise<void>
}

/** A sync worker as a process of its own: it works until it is closed, which it has to be when `onLost` is told why. */
export async function startWorkerProcess(
  settings: SyncWorkerSettings,
  log: SyncLog,
  listeners: Pick<SyncListeners, 'observer' | 'onLost'>
): Promise<WorkerProcess> {
  const worker = await openSyncWorker(settings, log, listeners)
  const { isStopped, intervalMs, lastSequence } = await worker.synchronizer.status()
  const rhythm = isStopped ? 'stopped until POST /api/sync/start' : `each ${intervalMs} ms at the latest`
  // Its timers do not keep a process alive that has nothing else to do.
  const alive = setInterval(() => undefined, 2 ** 30)
  return {
    ...worker,
    line: `Bincard sync worker on ${settings.dataFolder}, ${rhythm}, from event ${lastSequence}`,
    close: async () => {
      clearInterval(alive)
      await worker.close()
    }
  }
}

/** One pass, and what it came to. */
export async function passOnce(settings: SyncWorkerSettings, log: SyncLog): Promise<string> {
  return await withIdleWorker(settings, log, async ({ synchronizer }) => {
    const { applied, deadLettered, sequence } = await synchronizer.pass()
    return `Applied ${applied} events, put ${deadLettered} aside; the central model is at event ${sequence}`
  })
}

/** Throws the central model away and makes it anew; what it came to. */
export async function rebuildModel(settings: SyncWorkerSettings, log: SyncLog): Promise<string> {
  return await withIdleWorker(settings, log, async ({ synchronizer }) => {
    const { applied, deadLettered, sequence } = await synchronizer.rebuild()
    return `Made the central model anew from ${applied} events, put ${deadLettered} aside; it is at event ${sequence}`
  })
}

async function withIdleWorker(
  settings: SyncWorkerSettings,
  log: SyncLog,
  work: (worker: SyncWorker) => Promise<string>
): Promise<string> {
  const worker = await openSyncWorker({ ...settings, isIdle: true }, log)
  try {
    return await work(worker)
  } finally {
    await worker.close()
  }
}
