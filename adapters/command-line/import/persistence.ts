import type { Attempt } from './client.ts'
import { ImportFailure, ImportStopped } from './failures.ts'
import type { Pace } from './pace.ts'

const FIRST_BACKOFF_MS = 200
const LONGEST_BACKOFF_MS = 30_000

type Later = Extract<Attempt, { is: 'later' }>

/**
 * The patience with one piece of work. A wait that the server asked for is kept and not counted; anything else is
 * waited for with exponential backoff and full jitter, up to `retries` times in a row.
 */
export class Persistence {
  readonly #pace: Pace
  readonly #retries: number
  readonly #stop: AbortSignal
  #tries = 0

  constructor(pace: Pace, retries: number, stop: AbortSignal) {
    this.#pace = pace
    this.#retries = retries
    this.#stop = stop
  }

  /** Throws an ImportFailure when patience is at its end, ImportStopped when the import is to stop. */
  async pause(later: Later): Promise<void> {
    if (this.#stop.aborted) throw new ImportStopped('stopped while waiting to send again')
    await this.#pace.wait(later.afterMs ?? this.#backoffMs(later), this.#stop)
    if (this.#stop.aborted) throw new ImportStopped('stopped while waiting to send again')
  }

  #backoffMs(later: Later): number {
    if (this.#tries >= this.#retries) {
      const times =
        this.#tries === 0 ? '' : ` after ${this.#tries} ${this.#tries === 1 ? 'retry' : 'retries'}`
      throw new ImportFailure(`given up${times}: ${later.why}`)
    }
    const ceilingMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#tries, 20))
    this.#tries += 1
    return Math.ceil(ceilingMs * (0.5 + this.#pace.random() / 2))
  }
}
