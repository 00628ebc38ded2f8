import type { CentralModel } from '../../domain/central-model.ts'
import { CentralModelFiles } from './central-model-files.ts'
import { DeadLetterFiles } from './dead-letter-files.ts'
import { PassLease } from './pass-lease.ts'
import { DamagedFileError, SyncFolder } from './sync-folder.ts'
import type { SyncDisk } from './sync-disk.ts'
import type { Heartbeat, PassRight, SavedModel, SyncControl, SyncProgress, SyncStore } from './sync-store.ts'

/**
 * What the synchronization keeps below `<data>/sync`, for any number of processes. A damaged file is told, and read as if
 * it were not there: everything in it can be made again from the log, but for what operators have asked for.
 */
export class FolderSyncStore implements SyncStore {
  readonly isShared = true
  readonly letters: DeadLetterFiles
  readonly #folder: SyncFolder
  readonly #model: CentralModelFiles
  readonly #lease: PassLease
  readonly #onDamage: (error: DamagedFileError) => void

  private constructor(folder: SyncFolder, onDamage: (error: DamagedFileError) => void) {
    this.#folder = folder
    this.#onDamage = onDamage
    this.letters = new DeadLetterFiles(folder)
    this.#model = new CentralModelFiles(folder, onDamage)
    this.#lease = new PassLease(folder)
  }

  /** Makes the folder where it is missing. `onDamage` is told of each file that cannot be used. `disk` is that of the machine where left out. */
  static async open(
    dataFolder: string,
    onDamage: (error: DamagedFileError) => void,
    disk?: SyncDisk
  ): Promise<FolderSyncStore> {
    const folder = new SyncFolder(dataFolder, disk)
    await folder.make()
    await folder.removeLeftBehind()
    return new FolderSyncStore(folder, onDamage)
  }

  exclusively<Value>(waitMs: number, work: (right: PassRight) => Promise<Value>): Promise<Value> {
    return this.#lease.hold(waitMs, work)
  }

  load(): Promise<SavedModel | undefined> {
    return this.#model.load()
  }

  save(model: CentralModel, generation: string, right: PassRight): Promise<void> {
    return this.#model.save(model, generation, right)
  }

  async control(): Promise<SyncControl> {
    return (await this.#read<SyncControl>('control')) ?? { isStopped: false }
  }

  async setControl(control: SyncControl): Promise<void> {
    await this.#folder.write('control', control)
  }

  progress(): Promise<SyncProgress | undefined> {
    return this.#read<SyncProgress>('progress')
  }

  async setProgress(progress: SyncProgress): Promise<void> {
    await this.#folder.writeFleeting('progress', progress)
  }

  heartbeat(): Promise<Heartbeat | undefined> {
    return this.#read<Heartbeat>('heartbeat')
  }

  async setHeartbeat(heartbeat: Heartbeat): Promise<void> {
    await this.#folder.writeFleeting('heartbeat', heartbeat)
  }

  async removeHeartbeat(): Promise<void> {
    await this.#folder.removeFleeting('heartbeat')
  }

  async #read<Value>(name: string): Promise<Value | undefined> {
    try {
      return (await this.#folder.read(name)) as Value | undefined
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error
      this.#onDamage(error)
      return undefined
    }
  }
}
