import { randomUUID } from 'node:crypto'
import type { Ledger } from '../../domain/ledger.ts'
import {
  SyncError,
  type DeadLetter,
  type PassReport,
  type RetryResult
} from '../../domain/synchronization.ts'
import type { CentralReplica } from './central-replica.ts'
import { LostRightError, type PassRight, type SyncStore } from './sync-store.ts'
import type { SyncPass } from './sync-pass.ts'

export interface PassesOptions {
  readonly ledger: Ledger
  readonly store: SyncStore
  readonly replica: CentralReplica
  readonly pass: SyncPass
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Everything that changes a central model, one after the other; what others must not do meanwhile, under the right to it. */
export class Passes {
  readonly #options: PassesOptions
  readonly #ending = new AbortController()
  #last: Promise<unknown> = Promise.resolve()
  #waiting: Promise<PassReport> | undefined

  constructor(options: PassesOptions) {
    this.#options = options
  }

  /** A pass; calls that come before it has begun share one. Rejects with a SyncError `busy` after `waitMs`. */
  make(waitMs: number): Promise<PassReport> {
    this.#waiting ??= this.#exclusively(waitMs, (right) => {
      this.#waiting = undefined
      return this.#options.pass.make(right, this.#ending.signal)
    }).finally(() => (this.#waiting = undefined))
    return this.#waiting
  }

  rebuild(waitMs: number): Promise<PassReport> {
    return this.#exclusively(waitMs, (right) => {
      return this.#options.pass.rebuild(right, this.#ending.signal, randomUUID())
    })
  }

  /** Tries a dead letter again, once the model has come past its event. Undefined where there is no such letter. */
  retry(sequence: number, waitMs: number): Promise<RetryResult | undefined> {
    const { pass } = this.#options
    return this.#exclusively(waitMs, async (right) => {
      await pass.make(right, this.#ending.signal)
      const letter = await this.letter(sequence)
      return letter && (await pass.retryLetter(letter, right, randomUUID()))
    })
  }

  /** Gives a dead letter up, once the model has come past its event. False where there is no such letter. */
  discard(sequence: number, waitMs: number): Promise<boolean> {
    const { pass, store } = this.#options
    return this.#exclusively(waitMs, async (right) => {
      await pass.make(right, this.#ending.signal)
      const isThere = (await store.letters.sequences()).includes(sequence)
      if (isThere) await pass.discardLetter(sequence, right)
      return isThere
    })
  }

  /** Brings the model to where passes have come, whoever made them, without making one. */
  follow(): Promise<void> {
    return this.#oneByOne(async () => {
      const { replica, store } = this.#options
      await replica.prepare()
      const { sequence: end = 0 } = (await store.progress()) ?? {}
      if (replica.model.sequence >= end) return
      const letters = new Set(await store.letters.sequences())
      while (replica.model.sequence < end && !this.#ending.signal.aborted) {
        for (const event of await replica.next(end)) this.#followEvent(event, letters)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
  }

  /** The letter of this event; undefined where there is none. */
  async letter(sequence: number): Promise<DeadLetter | undefined> {
    const { ledger, store, now } = this.#options
    const letter = await store.letters.get(sequence)
    if (letter !== undefined || !(await store.letters.sequences()).includes(sequence)) return letter
    // The file is damaged: the event is in the log all the same.
    const [event] = await ledger.read(sequence, 1)
    if (event === undefined) return undefined
    const at = now()
    const reason = 'not known any more: the file of the dead letter is damaged'
    return { id: String(sequence), event, reason, attempts: 0, firstFailedAt: at, lastFailedAt: at }
  }

  /** Ends what is under way, after a last pass, and puts the model on disk where that is worth it. */
  async close(isLastPassWanted: boolean): Promise<void> {
    if (isLastPassWanted) await this.#lastPass()
    this.#ending.abort()
    await this.#last.catch(() => undefined)
  }

  #followEvent(event: Parameters<CentralReplica['model']['apply']>[0], letters: ReadonlySet<number>): void {
    const { model } = this.#options.replica
    try {
      if (letters.has(event.sequence)) model.leaveOut(event)
      else model.apply(event)
    } catch {
      // Whoever passed it could apply it, or its letter was given up.
      model.leaveOut(event)
    }
  }

  async #lastPass(): Promise<void> {
    const { pass } = this.#options
    const work = this.#exclusively(0, async (right) => {
      await pass.make(right, this.#ending.signal)
      await pass.saveAtEnd(right)
    })
    // Another process passes then, or whoever comes next reads the log from where this one was.
    await work.catch(() => undefined)
  }

  #exclusively<Value>(waitMs: number, work: (right: PassRight) => Promise<Value>): Promise<Value> {
    return this.#oneByOne(async () => {
      try {
        return await this.#options.store.exclusively(waitMs, work)
      } catch (error) {
        if (!(error instanceof LostRightError)) throw error
        // Others go on from what is on disk; so does this one.
        await this.#options.replica.reload()
        throw new SyncError('busy', error.message, { cause: error })
      }
    })
  }

  #oneByOne<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = this.#last
      .catch(() => undefined)
      .then(() => {
        if (this.#ending.signal.aborted) throw new SyncError('closed', 'the synchronization is closed')
        return work()
      })
    this.#last = next
    return next
  }
}
