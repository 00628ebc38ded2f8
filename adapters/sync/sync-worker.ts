import type { Ledger } from '../../domain/ledger.ts'
import type { SyncObserver } from '../../domain/synchronization.ts'
import { Breaker } from '../resilience/breaker.ts'
import { openWalLedger } from '../wal/open-wal-ledger.ts'
import { RecoveringLedger } from '../wal/recovering-ledger.ts'
import { FolderSyncStore } from './folder-sync-store.ts'
import { logUpkeep } from './log-upkeep.ts'
import { seedFromSnapshot } from './snapshot-seed.ts'
import { openSynchronizer, type Synchronizer } from './synchronizer.ts'
import { messageOf } from './sync-pass.ts'

/** What a worker is told; plain data, so that it can be handed to a thread. */
export interface SyncWorkerSettings {
  readonly dataFolder: string
  readonly role: 'all' | 'worker'
  readonly intervalMs: number
  /** Whether the interval is what somebody asks for now, and goes before what was asked for earlier. */
  readonly isIntervalAsked?: boolean
  /** So many events after a snapshot, or after the central model was saved, it may be done again. */
  readonly snapshotEveryEvents: number
  /** How many of the newest events are kept at least; all where it is left out. */
  readonly eventRetention?: number
  readonly retryBaseMs: number
  readonly retryTimes: number
  /** When the ledger of a worker whose disk has failed is opened anew. */
  readonly breakerThreshold: number
  readonly breakerCooldownMs: number
  /** Makes passes only when asked. */
  readonly isIdle?: boolean
  /** Whether a worker in a thread tells of each pass where its time went. */
  readonly isTimed?: boolean
}

const unusableSnapshot = 'a snapshot of the ledger cannot be used'

export type SyncLog = (level: 'info' | 'warn' | 'error', message: string, facts?: object) => void

export interface SyncWorker {
  readonly synchronizer: Synchronizer
  readonly ledger: Ledger
  /** Ends the pass that is under way and closes the ledger. */
  close(): Promise<void>
}

/** Whom a worker tells what it does. */
export interface SyncListeners {
  readonly observer?: SyncObserver | undefined
  /** Told whenever the model has come further, or anything else of the status has changed. */
  readonly onChange?: () => void
  /** Told when the log has gone on without this worker, which can never catch up: it has to be opened again. */
  readonly onLost?: (error: Error) => void
}

/** A worker with a ledger of its own on the folder; any number of processes may have it open too. */
export async function openSyncWorker(
  settings: SyncWorkerSettings,
  log: SyncLog,
  { observer, onChange = () => undefined, onLost }: SyncListeners = {}
): Promise<SyncWorker> {
  const { dataFolder, role, isIdle = false, eventRetention, snapshotEveryEvents } = settings
  const ledger = await openOwnLedger(settings, log, onLost)
  try {
    const store = await openStore(dataFolder, log)
    if (settings.isIntervalAsked === true) {
      const { isStopped } = await store.control()
      await store.setControl({ isStopped })
    }
    const upkeep = logUpkeep({
      ledger,
      snapshotEveryEvents,
      eventRetention,
      onSnapshot: (facts) => {
        observer?.snapshotWritten(facts.durationMs)
        log('info', 'wrote a snapshot of the ledger', facts)
      },
      onRemoved: (facts) => log('info', 'removed the oldest part of the log', facts)
    })
    const synchronizer = await openSynchronizer({
      ...settings,
      ledger,
      store,
      now: Date.now,
      worker: isIdle ? undefined : role,
      saveEveryEvents: snapshotEveryEvents,
      seed: () => seedFromSnapshot(dataFolder),
      chores: [upkeep],
      onDeadLetter: ({ id, reason, attempts }) =>
        log('error', 'put an event aside that cannot be applied', { id, reason, attempts }),
      onFailure: (error) => log('error', 'a pass failed', { error: messageOf(error) }),
      observer,
      onChange
    })
    const close = async (): Promise<void> => {
      await synchronizer.close()
      await ledger.close()
    }
    return { synchronizer, ledger, close }
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** A ledger that heals by itself, like that of the API: the worker outlives a disk that was full for a while. */
async function openOwnLedger(
  settings: SyncWorkerSettings,
  log: SyncLog,
  onLost: SyncListeners['onLost']
): Promise<RecoveringLedger> {
  const { dataFolder, breakerThreshold: threshold, breakerCooldownMs: cooldownMs } = settings
  return await RecoveringLedger.open({
    open: (onFailure, mustExist) => openWalLedger({ dataFolder, mustExist, onFailure }),
    breaker: new Breaker({ name: 'fileSystem', threshold, cooldownMs }),
    onFailure: (error) => log('error', 'the ledger of the sync worker failed', { error: messageOf(error) }),
    onLost,
    onUnusableSnapshot: ({ path, why }) => log('warn', unusableSnapshot, { path, why }),
    onStillFailing: (error) => {
      log('warn', 'the ledger of the sync worker cannot be opened anew yet', { error: messageOf(error) })
    },
    onRecovered: (facts) => log('info', 'the ledger of the sync worker was opened anew', facts)
  })
}

/** What the synchronization of the folder keeps; damage is logged. */
export function openStore(dataFolder: string, log: SyncLog): Promise<FolderSyncStore> {
  return FolderSyncStore.open(dataFolder, ({ message }) =>
    log('warn', 'a file is damaged and will be made again', { error: message })
  )
}
