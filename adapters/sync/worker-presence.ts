import type { Timer } from './pass-scheduler.ts'
import type { Heartbeat, SyncControl, SyncStore } from './sync-store.ts'

/** How soon what was asked of another process holds here. */
const LOOK_MS = 250
const BEAT_MS = 1000
/** A worker that has not shown for so long is not there any more. */
export const ABSENT_AFTER_MS = 5000

export interface WorkerPresenceOptions {
  readonly store: SyncStore
  readonly timer: Timer
  readonly sign: () => Heartbeat
  readonly adopt: (control: SyncControl) => Promise<void>
  readonly onFailure: (error: unknown) => void
}

/** Shows other processes that a worker lives, and sees what they ask of it. */
export class WorkerPresence {
  readonly #options: WorkerPresenceOptions
  #cancel: (() => void) | undefined
  #looking: Promise<void> = Promise.resolve()
  #beatenAt = 0
  #isOver = false

  constructor(options: WorkerPresenceOptions) {
    this.#options = options
  }

  async begin(): Promise<void> {
    await this.#look()
    this.#schedule()
  }

  /** Looks no more; the sign of life is taken away. */
  async end(): Promise<void> {
    this.#isOver = true
    this.#cancel?.()
    await this.#looking
    await this.#options.store.removeHeartbeat().catch(this.#options.onFailure)
  }

  #schedule(): void {
    if (this.#isOver) return
    this.#cancel = this.#options.timer(LOOK_MS, () => {
      this.#looking = this.#look()
        .catch(this.#options.onFailure)
        .finally(() => this.#schedule())
    })
  }

  async #look(): Promise<void> {
    const { store, sign, adopt } = this.#options
    await adopt(await store.control())
    const heartbeat = sign()
    if (Math.abs(heartbeat.seenAt - this.#beatenAt) < BEAT_MS) return
    this.#beatenAt = heartbeat.seenAt
    await store.setHeartbeat(heartbeat)
  }
}
