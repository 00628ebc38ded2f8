import { ExponentialBackoff, handleAll, retry, type RetryPolicy } from 'cockatiel'
import type { CentralModel } from '../../domain/central-model.ts'
import type { Ledger } from '../../domain/ledger.ts'
import {
  SyncError,
  type DeadLetter,
  type PassReport,
  type RetryResult,
  type TimedPass
} from '../../domain/synchronization.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { CentralReplica } from './central-replica.ts'
import { sweepExpired } from './expiry-sweep.ts'
import { timed, type DoStep } from './pass-timing.ts'
import { isSaveDue } from './save-policy.ts'
import type { PassRight, SyncStore } from './sync-store.ts'

/** How an event takes effect; `take` lets it. It throws where the event cannot be applied. */
export type Apply = (event: SequencedEvent, take: () => void) => void

/** Work that is done in each pass after the events were applied, under the same right. */
export type Chore = (context: ChoreContext) => Promise<void>

export interface ChoreContext {
  readonly right: PassRight
  /** Up to where the central model is on disk. */
  readonly checkpoint: number
  /** Aborted when the pass is to end. */
  readonly signal: AbortSignal
}

export interface SyncPassOptions {
  readonly ledger: Ledger
  readonly store: SyncStore
  readonly replica: CentralReplica
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** An event that fails is tried so many times more, the first time after about `retryBaseMs`, then after twice as long. */
  readonly retryTimes: number
  readonly retryBaseMs: number
  /** So many events after the model was saved it may be saved again, where its size allows. */
  readonly saveEveryEvents: number
  readonly apply?: Apply
  readonly chores?: readonly Chore[]
  /** Told whenever the model has come further. */
  readonly onAdvance: (sequence: number) => void
  readonly onDeadLetter: (letter: DeadLetter) => void
  /** Told of each pass that is over and where its time went. */
  readonly onTimed?: ((pass: TimedPass) => void) | undefined
}

/** Brings the central model to the end of the log. REQUIRES: one call at a time, under the right that it is given. */
export class SyncPass {
  readonly #options: SyncPassOptions
  readonly #apply: Apply
  readonly #retry: RetryPolicy | undefined

  constructor(options: SyncPassOptions) {
    this.#options = options
    const { retryTimes, retryBaseMs, apply = (_event, take) => take() } = options
    this.#apply = apply
    const backoff = new ExponentialBackoff({ initialDelay: retryBaseMs, maxDelay: retryBaseMs * 64 })
    this.#retry = retryTimes > 0 ? retry(handleAll, { maxAttempts: retryTimes, backoff }) : undefined
  }

  /**
   * Writes down what has expired, then a pass to the end that the log has after it. What it leaves out is in a dead letter,
   * durably, before it is left out.
   */
  make(right: PassRight, signal: AbortSignal): Promise<PassReport> {
    return timed(this.#options.onTimed, (doStep) => this.#make(right, signal, doStep))
  }

  /** Throws the model away and makes it anew from the first event, or from as early as the log goes back. */
  async rebuild(right: PassRight, signal: AbortSignal, generation: string): Promise<PassReport> {
    const { replica, store } = this.#options
    const before = await store.letters.sequences()
    replica.beginAnew(generation)
    const counts = await this.#advance(right, signal, new Set())
    await this.#save(right, generation)
    const failedAgain = new Set(counts.failed)
    for (const sequence of before) if (!failedAgain.has(sequence)) await store.letters.remove(sequence)
    const { applied, deadLettered } = counts
    return { applied, deadLettered, sequence: replica.model.sequence }
  }

  /** Tries the event of a dead letter again. The model is on disk as it is then before the letter is gone. */
  async retryLetter(letter: DeadLetter, right: PassRight, generation: string): Promise<RetryResult> {
    const { replica, store, now } = this.#options
    const { event } = letter
    let isApplied = false
    try {
      this.#apply(event, () => (isApplied = replica.model.makeUpFor(event) === 'applied'))
    } catch (error) {
      const reason = messageOf(error)
      await store.letters.put({ ...letter, reason, attempts: letter.attempts + 1, lastFailedAt: now() })
      return { outcome: 'failed', reason }
    }
    await this.#save(right, isApplied ? generation : replica.generation)
    await store.letters.remove(event.sequence)
    return { outcome: isApplied ? 'applied' : 'superseded' }
  }

  /** Gives a dead letter up: the model on disk has left its event out before the letter is gone. */
  async discardLetter(sequence: number, right: PassRight): Promise<void> {
    const { replica, store } = this.#options
    if (replica.checkpoint < sequence) await this.#save(right, replica.generation)
    await store.letters.remove(sequence)
  }

  /** The model as it is, on disk, where that is worth it. */
  async saveAtEnd(right: PassRight): Promise<void> {
    const { replica, saveEveryEvents } = this.#options
    const { recordCount, sequence } = replica.model
    const isSmall = recordCount <= saveEveryEvents * 100
    if (sequence > replica.checkpoint && isSmall) await this.#save(right, replica.generation)
  }

  async #make(right: PassRight, signal: AbortSignal, doStep: DoStep): Promise<PassReport> {
    const { replica, store, ledger, now, chores = [] } = this.#options
    await doStep('expire', () => sweepExpired(ledger, now, signal))
    const { applied, deadLettered } = await doStep('apply', async () => {
      await replica.prepare()
      return await this.#advance(right, signal, new Set(await store.letters.sequences()))
    })
    await doStep('save', () => this.#saveWhenDue(right))
    await doStep('upkeep', async () => {
      for (const chore of chores) await chore({ right, checkpoint: replica.checkpoint, signal })
    })
    await this.#report()
    return { applied, deadLettered, sequence: replica.model.sequence }
  }

  async #advance(
    right: PassRight,
    signal: AbortSignal,
    letters: ReadonlySet<number>
  ): Promise<{ applied: number; deadLettered: number; failed: number[] }> {
    const { replica, onAdvance } = this.#options
    const end = await endOf(this.#options.ledger)
    const failed: number[] = []
    let applied = 0
    while (replica.model.sequence < end) {
      const events = await replica.next(end)
      for (const event of events) {
        if (letters.has(event.sequence)) {
          replica.model.leaveOut(event)
        } else if (await this.#take(event, right, signal)) {
          applied += 1
        } else {
          failed.push(event.sequence)
        }
      }
      await right.requireHeld()
      onAdvance(replica.model.sequence)
      if (signal.aborted) break
      await nextTurn()
    }
    return { applied, deadLettered: failed.length, failed }
  }

  /** Whether the event took effect. Where it did not, in spite of all tries, it is in a dead letter. */
  async #take(event: SequencedEvent, right: PassRight, signal: AbortSignal): Promise<boolean> {
    const { model } = this.#options.replica
    const first = this.#attempt(event, model)
    if (first === undefined) return true
    const firstFailedAt = this.#options.now()
    const error = await this.#tryAgain(event, model, first, signal)
    if (error === undefined) return true
    await right.requireHeld()
    const { now, store, retryTimes, onDeadLetter } = this.#options
    const attempts = 1 + retryTimes
    const reason = error.message
    const letter = { id: String(event.sequence), event, reason, attempts, firstFailedAt, lastFailedAt: now() }
    await store.letters.put(letter)
    model.leaveOut(event)
    onDeadLetter(letter)
    return false
  }

  async #tryAgain(
    event: SequencedEvent,
    model: CentralModel,
    first: Error,
    signal: AbortSignal
  ): Promise<Error | undefined> {
    let error: Error | undefined = first
    if (this.#retry === undefined) return error
    let isFirst = true
    await this.#retry
      .execute(() => {
        if (!isFirst) error = this.#attempt(event, model)
        isFirst = false
        if (error !== undefined) throw error
      }, signal)
      .catch(() => undefined)
    // Who is to end has not tried as often as it should have.
    if (error !== undefined && signal.aborted) throw new SyncError('closed', 'the pass was ended')
    return error
  }

  #attempt(event: SequencedEvent, model: CentralModel): Error | undefined {
    try {
      this.#apply(event, () => model.apply(event))
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #saveWhenDue(right: PassRight): Promise<void> {
    const { replica, saveEveryEvents } = this.#options
    const { sequence, recordCount } = replica.model
    if (isSaveDue(sequence - replica.checkpoint, recordCount, saveEveryEvents)) {
      await this.#save(right, replica.generation)
    }
  }

  async #save(right: PassRight, generation: string): Promise<void> {
    const { replica, store } = this.#options
    await store.save(replica.model, generation, right)
    replica.saved(generation)
    await this.#report()
  }

  async #report(): Promise<void> {
    const { replica, store, now } = this.#options
    const { model, generation, checkpoint } = replica
    await store.setProgress({ sequence: model.sequence, generation, checkpoint, ranAt: now() })
  }
}

/** The sequence of the newest event that the log has at the call, whoever wrote it. */
export async function endOf(ledger: Ledger): Promise<number> {
  // The ledger reads up to the end of the log before it says that an event is not there.
  await ledger.read(ledger.health().sequence + 1, 1)
  return ledger.health().sequence
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
