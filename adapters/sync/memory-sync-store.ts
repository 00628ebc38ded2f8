import type { DeadLetter } from '../../domain/synchronization.ts'
import type {
  DeadLetters,
  Heartbeat,
  PassRight,
  SavedModel,
  SyncControl,
  SyncProgress,
  SyncStore
} from './sync-store.ts'

/** What the synchronization of a ledger keeps that lives as long as its process: nothing has to outlive it. */
export class MemorySyncStore implements SyncStore {
  readonly isShared = false
  readonly letters = new MemoryDeadLetters()
  #control: SyncControl = { isStopped: false }
  #progress: SyncProgress | undefined
  #heartbeat: Heartbeat | undefined

  exclusively<Value>(_waitMs: number, work: (right: PassRight) => Promise<Value>): Promise<Value> {
    return work({ epoch: 1, requireHeld: () => Promise.resolve() })
  }

  // The one model there is lives in the synchronizer.
  async load(): Promise<SavedModel | undefined> {
    return undefined
  }

  async save(): Promise<void> {}

  async control(): Promise<SyncControl> {
    return this.#control
  }

  async setControl(control: SyncControl): Promise<void> {
    this.#control = control
  }

  async progress(): Promise<SyncProgress | undefined> {
    return this.#progress
  }

  async setProgress(progress: SyncProgress): Promise<void> {
    this.#progress = progress
  }

  async heartbeat(): Promise<Heartbeat | undefined> {
    return this.#heartbeat
  }

  async setHeartbeat(heartbeat: Heartbeat): Promise<void> {
    this.#heartbeat = heartbeat
  }

  async removeHeartbeat(): Promise<void> {
    this.#heartbeat = undefined
  }
}

class MemoryDeadLetters implements DeadLetters {
  readonly #letters = new Map<number, DeadLetter>()

  async sequences(): Promise<number[]> {
    return [...this.#letters.keys()].sort((a, b) => a - b)
  }

  async get(sequence: number): Promise<DeadLetter | undefined> {
    return this.#letters.get(sequence)
  }

  async put(letter: DeadLetter): Promise<void> {
    this.#letters.set(letter.event.sequence, letter)
  }

  async remove(sequence: number): Promise<boolean> {
    return this.#letters.delete(sequence)
  }
}
