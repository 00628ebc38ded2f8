import { setTimeout as delay } from 'node:timers/promises'
import type { Ledger } from '../../domain/ledger.ts'
import type { CentralPage, CentralQuery, CentralReading } from '../../domain/synchronization.ts'
import { SequenceWaiters } from '../sequence-waiters.ts'
import type { CentralReplica } from './central-replica.ts'
import type { Timer } from './pass-scheduler.ts'
import type { Passes } from './passes.ts'
import { endOf } from './sync-pass.ts'

/** How long a reader waits for the sequence that it asks for. */
export const REACH_WAIT_MS = 2000
const LOOK_AGAIN_MS = 25

/** Keeps the process alive, as those of the passes do not: somebody waits for an answer. */
export const answerTimer: Timer = (delayMs, callback) => {
  const timeout = setTimeout(callback, delayMs)
  return () => clearTimeout(timeout)
}

export interface CentralReadsOptions {
  readonly ledger: Ledger
  readonly replica: CentralReplica
  readonly passes: Passes
  readonly timer: Timer
  /** Whether the passes are made here, else the model has to follow those of others. */
  readonly isWorker: boolean
  /** Whether passes are made without being asked for, by whichever process. */
  readonly isRunning: () => Promise<boolean>
}

/** Reads of the central model that wait, within bounds, until it has come to where they want it. */
export class CentralReads {
  readonly #options: CentralReadsOptions
  readonly #waiters = new SequenceWaiters()

  constructor(options: CentralReadsOptions) {
    this.#options = options
  }

  async stock(sku: string, query: CentralQuery): Promise<CentralReading> {
    const isReached = await this.#reach(query)
    const { model } = this.#options.replica
    const stock = model.get(sku)
    return { sequence: model.sequence, isReached, ...(stock !== undefined && { stock }) }
  }

  async stocks(after: string | undefined, limit: number, query: CentralQuery): Promise<CentralPage> {
    const isReached = await this.#reach(query)
    const { model } = this.#options.replica
    return { ...model.list(after, limit), sequence: model.sequence, isReached }
  }

  /** The model has come this far. */
  advance(sequence: number): void {
    this.#waiters.advance(sequence)
  }

  close(): void {
    this.#waiters.close()
  }

  /**
   * Whether the model has come to the sequence. It waits only where that is of use: not beyond the end of the log, of which
   * nobody can know yet, and not while nobody makes passes.
   */
  async #reach({ minSequence = 0 }: CentralQuery): Promise<boolean> {
    const { ledger, replica, passes, isWorker, isRunning } = this.#options
    if (!isWorker) await passes.follow()
    if (replica.model.sequence >= minSequence) return true
    if (minSequence > (await endOf(ledger)) || !(await isRunning())) return false
    if (isWorker) await this.#wait(minSequence)
    else await this.#follow(minSequence)
    return replica.model.sequence >= minSequence
  }

  async #wait(minSequence: number): Promise<void> {
    const late = new AbortController()
    const cancel = this.#options.timer(REACH_WAIT_MS, () => late.abort())
    await this.#waiters.wait(minSequence, late.signal).catch(() => undefined)
    cancel()
  }

  async #follow(minSequence: number): Promise<void> {
    const { replica, passes } = this.#options
    const giveUpAt = performance.now() + REACH_WAIT_MS
    while (replica.model.sequence < minSequence && performance.now() < giveUpAt) {
      await delay(LOOK_AGAIN_MS)
      await passes.follow()
    }
  }
}
