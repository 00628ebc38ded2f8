import { EventsGoneError, type Ledger } from '../../domain/ledger.ts'
import type { SyncHealth, SyncStatus } from '../../domain/synchronization.ts'
import { endOf } from './sync-pass.ts'
import type { Heartbeat, SyncStore } from './sync-store.ts'
import { ABSENT_AFTER_MS } from './worker-presence.ts'

export interface SyncConditionOptions {
  readonly ledger: Ledger
  readonly store: SyncStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** As configured. */
  readonly intervalMs: number
  /** The sign of life of the worker in this process; undefined where there is none. */
  readonly ownSign: () => Heartbeat | undefined
  /** Up to where the model of the worker in this process has come, else 0. */
  readonly ownSequence: () => number
}

/** How the synchronization of a ledger is, as this process knows it and as others have written it down. */
export class SyncCondition {
  readonly #options: SyncConditionOptions

  constructor(options: SyncConditionOptions) {
    this.#options = options
  }

  /** Whether passes are made without being asked for: a worker lives, and nobody has stopped them. */
  async isRunning(): Promise<boolean> {
    const { isStopped } = await this.#options.store.control()
    return !isStopped && (await this.#sign()) !== undefined
  }

  async status(): Promise<SyncStatus> {
    const { ledger, store, intervalMs, now, ownSequence } = this.#options
    const control = await store.control()
    const sign = await this.#sign()
    const { sequence = 0, checkpoint = 0, ranAt } = (await store.progress()) ?? {}
    const lastSequence = Math.max(sequence, ownSequence())
    const logSequence = Math.max(await endOf(ledger), lastSequence)
    const oldestAt = lastSequence < logSequence ? await this.#writtenAt(lastSequence + 1) : Infinity
    return {
      isRunning: !control.isStopped && sign !== undefined,
      isStopped: control.isStopped,
      intervalMs: control.intervalMs ?? sign?.intervalMs ?? intervalMs,
      lastSequence,
      logSequence,
      lagMs: Math.max(0, now() - oldestAt),
      ...(ranAt !== undefined && { lastRunAt: ranAt }),
      deadLetters: (await store.letters.sequences()).length,
      checkpoint,
      ...(sign !== undefined && { worker: sign }),
      ...(sign?.failure !== undefined && { failure: sign.failure })
    }
  }

  /** The same in short, without a look at the log. */
  async health(): Promise<SyncHealth> {
    const { ledger, store, ownSequence } = this.#options
    const { isStopped } = await store.control()
    const sign = await this.#sign()
    const { sequence = 0 } = (await store.progress()) ?? {}
    const lag = Math.max(0, ledger.health().sequence - Math.max(sequence, ownSequence()))
    const deadLetters = (await store.letters.sequences()).length
    if (isStopped) return { status: 'stopped', lag, deadLetters }
    if (sign === undefined) return { status: 'absent', lag, deadLetters }
    return { status: sign.failure === undefined ? 'running' : 'failed', lag, deadLetters }
  }

  /** That of the worker here, or of one elsewhere that has shown lately. */
  async #sign(): Promise<Heartbeat | undefined> {
    const { store, ownSign, now } = this.#options
    const own = ownSign()
    if (own !== undefined) return own
    const other = await store.heartbeat()
    return other && Math.abs(now() - other.seenAt) < ABSENT_AFTER_MS ? other : undefined
  }

  /** When the event was written; that of the oldest one that is kept, where this one is not. */
  async #writtenAt(sequence: number): Promise<number> {
    const { ledger } = this.#options
    try {
      const [event] = await ledger.read(sequence, 1)
      return event?.at ?? Infinity
    } catch (error) {
      if (!(error instanceof EventsGoneError)) throw error
      return await this.#writtenAt(error.oldestSequence)
    }
  }
}
