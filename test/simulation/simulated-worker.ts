import { Breaker } from '../../adapters/resilience/breaker.ts'
import { logUpkeep } from '../../adapters/sync/log-upkeep.ts'
import { MemorySyncStore } from '../../adapters/sync/memory-sync-store.ts'
import { seedFromSnapshot } from '../../adapters/sync/snapshot-seed.ts'
import { openSynchronizer, type Synchronizer } from '../../adapters/sync/synchronizer.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import { RecoveringLedger } from '../../adapters/wal/recovering-ledger.ts'
import type { CentralStock } from '../../domain/central-model.ts'
import type { ProcessDisk } from './disk.ts'
import type { ServerWorld } from './simulated-server.ts'
import { Owner } from './virtual-time.ts'

/** How many of the newest events are kept at least. */
export const retainedEvents = 300
const segmentBytesMax = 30_000
const snapshotEveryEvents = 60
const intervalMs = 1500

interface Life {
  readonly owner: Owner
  readonly disk: ProcessDisk
  synchronizer?: Synchronizer
  ledger?: RecoveringLedger
  failure?: unknown
}

/**
 * The sync worker as a process of the simulation: it sweeps what has expired, makes the central model, writes snapshots
 * and removes old log. Its own files are those of a process without a folder: they end with it.
 */
export class SimulatedWorker {
  readonly counts = { snapshots: 0, removals: 0 }
  clockOffsetMs = 0
  readonly #world: ServerWorld
  #life: Life | undefined

  constructor(world: ServerWorld) {
    this.#world = world
  }

  get isThere(): boolean {
    return this.#life?.synchronizer !== undefined
  }

  get disk(): ProcessDisk | undefined {
    return this.#life?.disk
  }

  start(): void {
    if (this.#life !== undefined) return
    const owner = new Owner('worker', this.#world.seed())
    owner.clockOffsetMs = this.clockOffsetMs
    const life: Life = { owner, disk: this.#world.disk.forProcess() }
    this.#life = life
    void this.#world.time.as(owner, () => this.#open(life)).catch((error: unknown) => (life.failure = error))
  }

  takeFailure(): unknown {
    const failure = this.#life?.failure
    if (failure !== undefined) this.kill()
    return failure
  }

  kill(): void {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    life.disk.kill()
    this.#world.time.kill(life.owner)
  }

  async stop(patienceMs: number): Promise<void> {
    const life = this.#life
    if (life?.synchronizer === undefined) return this.kill()
    const close = async (): Promise<void> => {
      await life.synchronizer?.close()
      await life.ledger?.close()
    }
    const closed = this.#world.time.as(life.owner, close).catch(() => undefined)
    await Promise.race([closed, this.#world.time.wait(patienceMs)])
    if (this.#life === life) this.kill()
  }

  stall(milliseconds: number): void {
    if (this.#life !== undefined) this.#life.owner.stalledUntil = this.#world.time.now + milliseconds
  }

  setClock(offsetMs: number): void {
    this.clockOffsetMs = offsetMs
    if (this.#life !== undefined) this.#life.owner.clockOffsetMs = offsetMs
  }

  /** All of the central model after one more pass. Rejects where the worker cannot make it. */
  async centralModel(): Promise<readonly CentralStock[]> {
    const synchronizer = this.#life?.synchronizer
    const owner = this.#life?.owner
    if (synchronizer === undefined) throw new Error('the worker is not there')
    return await this.#world.time.as(owner, async () => {
      await synchronizer.pass()
      return (await synchronizer.stocks(undefined, 1000, {})).items
    })
  }

  async #open(life: Life): Promise<void> {
    const { dataFolder } = this.#world
    const { fileSystem } = life.disk
    const lose = (): void => (this.#life === life ? this.kill() : undefined)
    const ledger = await RecoveringLedger.open({
      open: (onFailure, mustExist) =>
        openWalLedger({ dataFolder, fileSystem, mustExist, onFailure, segmentBytesMax }),
      breaker: new Breaker({ name: 'fileSystem', threshold: 0.5, cooldownMs: 500 }),
      onLost: lose
    })
    life.ledger = ledger
    const upkeep = logUpkeep({
      ledger,
      snapshotEveryEvents,
      eventRetention: retainedEvents,
      onSnapshot: () => (this.counts.snapshots += 1),
      onRemoved: () => (this.counts.removals += 1)
    })
    life.synchronizer = await openSynchronizer({
      ledger,
      store: new MemorySyncStore(),
      now: () => Date.now(),
      worker: 'worker',
      intervalMs,
      retryBaseMs: 20,
      retryTimes: 3,
      saveEveryEvents: snapshotEveryEvents,
      seed: () => seedFromSnapshot(dataFolder, fileSystem),
      chores: [upkeep]
    })
  }
}
