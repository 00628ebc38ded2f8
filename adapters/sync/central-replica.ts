import { CentralModel, type CentralModelParts } from '../../domain/central-model.ts'
import { EventsGoneError, type Ledger } from '../../domain/ledger.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { SyncStore } from './sync-store.ts'

const EVENTS_AT_ONCE = 1000

export interface CentralReplicaOptions {
  readonly ledger: Ledger
  readonly store: SyncStore
  /** The model after some event that is kept or the one before those; for a log that no longer begins with event 1. */
  readonly seed?: () => Promise<CentralModelParts | undefined>
}

/** A central model in memory: how it comes to be, and how it goes on with the log. */
export class CentralReplica {
  readonly #options: CentralReplicaOptions
  #model = new CentralModel()
  /** That of the model it began with; undefined before it has begun. */
  #generation: string | undefined
  /** That of the newest model on disk that this one is known to go on from. */
  #checkpoint = 0

  constructor(options: CentralReplicaOptions) {
    this.#options = options
  }

  get model(): CentralModel {
    return this.#model
  }

  /** The empty text for a model that was never thrown away. */
  get generation(): string {
    return this.#generation ?? ''
  }

  get checkpoint(): number {
    return this.#checkpoint
  }

  /** Takes up the model on disk, where this one has not begun or others have begun anew since. */
  async prepare(): Promise<void> {
    const { store } = this.#options
    if (this.#generation === undefined) {
      await this.reload()
      return
    }
    const progress = await store.progress()
    if (progress === undefined) return
    this.#checkpoint = Math.max(this.#checkpoint, progress.checkpoint)
    if (progress.generation !== this.#generation) await this.reload()
  }

  /** Takes up the model on disk in the place of this one; an empty one where there is none. */
  async reload(): Promise<void> {
    const saved = await this.#options.store.load()
    this.#model = new CentralModel(saved)
    this.#generation = saved?.generation ?? ''
    this.#checkpoint = saved?.sequence ?? 0
  }

  /** Begins anew, from the first event. */
  beginAnew(generation: string): void {
    this.#model = new CentralModel()
    this.#generation = generation
    this.#checkpoint = 0
  }

  /** Says that the model as it is now is on disk. */
  saved(generation: string): void {
    this.#generation = generation
    this.#checkpoint = this.#model.sequence
  }

  /**
   * The events that come next, up to `last`, many at a time. Where the log no longer holds the first of them, the model
   * goes on from one that is new enough. Rejects with an EventsGoneError where there is none.
   */
  async next(last: number): Promise<readonly SequencedEvent[]> {
    const first = this.#model.sequence + 1
    const limit = Math.min(EVENTS_AT_ONCE, last - first + 1)
    if (limit <= 0) return []
    try {
      return await this.#options.ledger.read(first, limit)
    } catch (error) {
      if (!(error instanceof EventsGoneError)) throw error
      await this.#goOnFrom(error)
      return await this.next(last)
    }
  }

  async #goOnFrom(error: EventsGoneError): Promise<void> {
    const { oldestSequence } = error
    const saved = await this.#options.store.load()
    if (saved !== undefined && saved.sequence >= oldestSequence - 1) {
      this.#model = new CentralModel(saved)
      this.#generation = saved.generation
      this.#checkpoint = saved.sequence
      return
    }
    const seeded = await this.#options.seed?.()
    if (seeded === undefined || seeded.sequence < oldestSequence - 1) throw error
    this.#model = new CentralModel(seeded)
  }
}
