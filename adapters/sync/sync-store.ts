import type { CentralModel, CentralModelParts } from '../../domain/central-model.ts'
import type { DeadLetter } from '../../domain/synchronization.ts'

/** The right to make a pass; at most one process has it, as far as locks can promise that. */
export interface PassRight {
  /** Higher than that of whoever had it before. */
  readonly epoch: number
  /** Rejects with a LostRightError where another process has taken it over: nothing may be written any more. */
  readonly requireHeld: () => Promise<void>
}

/** Another process makes passes now, because this one did not show for too long. */
export class LostRightError extends Error {
  override readonly name = 'LostRightError'
}

/** A central model as it is kept. */
export interface SavedModel extends CentralModelParts {
  /** Another one says that models made before are to be thrown away. */
  readonly generation: string
}

/** What operators have asked for. */
export interface SyncControl {
  readonly isStopped: boolean
  /** As configured where it is left out. */
  readonly intervalMs?: number
}

/** How far passes have come, whoever made them. */
export interface SyncProgress {
  readonly sequence: number
  readonly generation: string
  /** When the last pass ended, in milliseconds since the epoch. */
  readonly ranAt: number
  /** Up to where the model is on disk. */
  readonly checkpoint: number
}

/** The last sign of life of a worker. */
export interface Heartbeat {
  readonly processId: number
  readonly role: 'all' | 'worker'
  /** Milliseconds since the epoch. */
  readonly seenAt: number
  readonly intervalMs: number
  /** Why its last pass failed. */
  readonly failure?: string
}

/** The events that were put aside; whatever is changed is durable when its promise resolves. */
export interface DeadLetters {
  /** Those of their events, in order. */
  sequences(): Promise<number[]>
  /** Undefined where there is none. */
  get(sequence: number): Promise<DeadLetter | undefined>
  /** Keeps the letter, in the place of one of the same event. */
  put(letter: DeadLetter): Promise<void>
  /** False where there was none. */
  remove(sequence: number): Promise<boolean>
}

/** Where the synchronization of a ledger keeps what outlives a pass. */
export interface SyncStore {
  /** Whether other processes may use it too. */
  readonly isShared: boolean
  readonly letters: DeadLetters
  /** Does the work while no other process does any. Rejects with a SyncError `busy` where one does, for all of `waitMs`. */
  exclusively<Value>(waitMs: number, work: (right: PassRight) => Promise<Value>): Promise<Value>
  /** The newest model that is kept and whole; undefined where there is none. */
  load(): Promise<SavedModel | undefined>
  /** Keeps the model, durably, in the place of those before it. */
  save(model: CentralModel, generation: string, right: PassRight): Promise<void>
  control(): Promise<SyncControl>
  setControl(control: SyncControl): Promise<void>
  progress(): Promise<SyncProgress | undefined>
  setProgress(progress: SyncProgress): Promise<void>
  heartbeat(): Promise<Heartbeat | undefined>
  setHeartbeat(heartbeat: Heartbeat): Promise<void>
  removeHeartbeat(): Promise<void>
}
