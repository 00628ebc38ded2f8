import { setTimeout as delay } from 'node:timers/promises'
import { SyncError } from '../../domain/synchronization.ts'
import type { SyncFolder } from './sync-folder.ts'
import { LostRightError, type PassRight } from './sync-store.ts'

const LOOK_AGAIN_MS = 20
const EPOCH_NAME = /^epoch-(\d{16})$/

/**
 * One pass at a time among all processes on a folder. A lock file alone does not promise it: two processes may take over
 * the same stale lock, and one that was stopped goes on. So each holder gets a number of its own, higher than all before;
 * it writes only files with its number, and nothing any more once there is a higher one.
 */
export class PassLease {
  readonly #folder: SyncFolder

  constructor(folder: SyncFolder) {
    this.#folder = folder
  }

  /** Does the work as the holder. Rejects with a SyncError `busy` where another process holds it for all of `waitMs`. */
  async hold<Value>(waitMs: number, work: (right: PassRight) => Promise<Value>): Promise<Value> {
    let isCompromised = false
    const release = await this.#acquire(waitMs, () => (isCompromised = true))
    try {
      const epoch = await this.#nextEpoch()
      const requireHeld = async (): Promise<void> => {
        if (!isCompromised && (await this.#highestEpoch()) === epoch) return
        throw new LostRightError(`another process makes passes now, this one was epoch ${epoch}`)
      }
      return await work({ epoch, requireHeld })
    } finally {
      // A lock that was taken over is no longer there to be released.
      await release().catch(() => undefined)
    }
  }

  async #acquire(waitMs: number, onCompromised: () => void): Promise<() => Promise<void>> {
    const giveUpAt = performance.now() + waitMs
    for (;;) {
      try {
        return await this.#folder.lock('pass', onCompromised)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
        if (performance.now() >= giveUpAt) {
          throw new SyncError('busy', 'another process makes a pass', { cause: error })
        }
      }
      await delay(LOOK_AGAIN_MS * (1 + Math.random()))
    }
  }

  /** A number that nobody else gets: a file is created once (open(2), O_EXCL). */
  async #nextEpoch(): Promise<number> {
    for (let epoch = (await this.#highestEpoch()) + 1; ; epoch += 1) {
      try {
        await this.#folder.createFleeting(nameOf(epoch))
        await this.#removeBelow(epoch)
        return epoch
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
  }

  async #highestEpoch(): Promise<number> {
    return Math.max(0, ...(await this.#epochs()))
  }

  async #epochs(): Promise<number[]> {
    return (await this.#folder.list()).flatMap((name) => {
      const digits = EPOCH_NAME.exec(name)?.[1] ?? /^checkpoint-(\d{16})$/.exec(name)?.[1]
      return digits === undefined ? [] : [Number(digits)]
    })
  }

  async #removeBelow(epoch: number): Promise<void> {
    for (const name of await this.#folder.list()) {
      const digits = EPOCH_NAME.exec(name)?.[1]
      if (digits !== undefined && Number(digits) < epoch) await this.#folder.removeFleeting(name)
    }
  }
}

function nameOf(epoch: number): string {
  return `epoch-${epoch.toString().padStart(16, '0')}`
}
