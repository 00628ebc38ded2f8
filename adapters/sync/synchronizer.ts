import {
  SyncError,
  type CentralPage,
  type CentralQuery,
  type CentralReading,
  type DeadLetter,
  type DeadLetterPage,
  type PassReport,
  type RetryResult,
  type SyncHealth,
  type SyncObserver,
  type Synchronization,
  type SyncStatus
} from '../../domain/synchronization.ts'
import { answerTimer, CentralReads } from './central-reads.ts'
import { CentralReplica, type CentralReplicaOptions } from './central-replica.ts'
import { ExpiryAlarm } from './expiry-alarm.ts'
import { PassScheduler, processTimer, type Timer } from './pass-scheduler.ts'
import { Passes } from './passes.ts'
import { SyncCondition } from './sync-condition.ts'
import { messageOf, SyncPass, type SyncPassOptions } from './sync-pass.ts'
import type { Heartbeat, SyncControl } from './sync-store.ts'
import { WorkerPresence } from './worker-presence.ts'

export interface SynchronizerOptions
  extends CentralReplicaOptions, Omit<SyncPassOptions, 'replica' | 'onAdvance' | 'onDeadLetter' | 'onTimed'> {
  /** A worker makes passes by itself; without it only those that are asked for are made here. */
  readonly worker: 'all' | 'worker' | undefined
  readonly intervalMs: number
  readonly timer?: Timer
  readonly onDeadLetter?: (letter: DeadLetter) => void
  readonly observer?: SyncObserver | undefined
  /** Told of what went wrong in a pass that nobody asked for. */
  readonly onFailure?: (error: unknown) => void
  /** Told whenever the model has come further, or anything else of the status has changed. */
  readonly onChange?: () => void
}

/** How long whoever asked for a pass waits for another process to end its own. */
const PASS_WAIT_MS = 10_000

/** The synchronization of a ledger, in this process: with a worker of its own, or beside one in another process. */
export class Synchronizer implements Synchronization {
  readonly #options: SynchronizerOptions
  readonly #replica: CentralReplica
  readonly #passes: Passes
  readonly #reads: CentralReads
  readonly #scheduler: PassScheduler
  readonly #presence: WorkerPresence
  readonly #condition: SyncCondition
  #failure: string | undefined
  #isClosed = false

  constructor(options: SynchronizerOptions) {
    const { ledger, store, now, timer = processTimer, worker, intervalMs } = options
    this.#options = options
    this.#replica = new CentralReplica(options)
    const pass = new SyncPass({
      ...options,
      replica: this.#replica,
      onTimed: options.observer?.passTimed?.bind(options.observer),
      onAdvance: (sequence) => {
        this.#reads.advance(sequence)
        options.onChange?.()
      },
      onDeadLetter: (letter) => {
        options.observer?.deadLettered()
        options.onDeadLetter?.(letter)
      }
    })
    this.#passes = new Passes({ ledger, store, replica: this.#replica, pass, now })
    const isWorker = worker !== undefined
    this.#condition = new SyncCondition({
      ...options,
      ownSign: () => (isWorker ? this.#heartbeat() : undefined),
      ownSequence: () => (isWorker ? this.#replica.model.sequence : 0)
    })
    const isRunning = (): Promise<boolean> => this.#condition.isRunning()
    this.#reads = new CentralReads({
      ledger,
      replica: this.#replica,
      passes: this.#passes,
      timer: options.timer ?? answerTimer,
      isWorker,
      isRunning
    })
    const alarm = new ExpiryAlarm(ledger, now)
    this.#scheduler = new PassScheduler({
      pass: () => this.#ownPass(),
      wake: (signal) => ledger.waitFor(this.#replica.model.sequence + 1, signal),
      dueIn: () => alarm.dueIn(),
      intervalMs,
      timer,
      onFailure: (error) => this.#fail(error)
    })
    this.#presence = new WorkerPresence({
      store,
      timer,
      sign: () => this.#heartbeat(),
      adopt: (control) => this.#adopt(control),
      onFailure: (error) => this.#fail(error)
    })
  }

  /** Takes up the model on disk and, as a worker, its work. */
  async open(): Promise<this> {
    if (this.#options.worker === undefined) return this
    await this.#passes.follow()
    if (this.#options.store.isShared) await this.#presence.begin()
    else await this.#adopt(await this.#options.store.control())
    return this
  }

  /** Up to where the model in this process has come. */
  get sequence(): number {
    return this.#replica.model.sequence
  }

  async pass(): Promise<PassReport> {
    const report = await this.#passes.make(PASS_WAIT_MS)
    this.#succeed()
    return report
  }

  /** Throws the central model away and makes it anew from the log. */
  rebuild(): Promise<PassReport> {
    return this.#passes.rebuild(PASS_WAIT_MS)
  }

  status(): Promise<SyncStatus> {
    return this.#condition.status()
  }

  health(): Promise<SyncHealth> {
    return this.#condition.health()
  }

  async start(intervalMs?: number): Promise<void> {
    await this.#setControl({ isStopped: false, ...(intervalMs !== undefined && { intervalMs }) })
  }

  async stop(): Promise<void> {
    await this.#setControl({ ...(await this.#options.store.control()), isStopped: true })
  }

  async deadLetters(after: number, limit: number): Promise<DeadLetterPage> {
    const sequences = await this.#options.store.letters.sequences()
    const following = sequences.filter((sequence) => sequence > after)
    const page = await Promise.all(following.slice(0, limit).map((sequence) => this.#passes.letter(sequence)))
    const letters = page.filter((letter) => letter !== undefined)
    return { letters, hasMore: following.length > limit, total: sequences.length }
  }

  async retry(id: string): Promise<RetryResult | undefined> {
    const sequence = await this.#sequenceOf(id)
    return sequence === undefined ? undefined : await this.#passes.retry(sequence, PASS_WAIT_MS)
  }

  async discard(id: string): Promise<boolean> {
    const sequence = await this.#sequenceOf(id)
    return sequence !== undefined && (await this.#passes.discard(sequence, PASS_WAIT_MS))
  }

  stock(sku: string, query: CentralQuery): Promise<CentralReading> {
    return this.#reads.stock(sku, query)
  }

  stocks(after: string | undefined, limit: number, query: CentralQuery): Promise<CentralPage> {
    return this.#reads.stocks(after, limit, query)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const wasRunning = this.#scheduler.isRunning
    await this.#scheduler.stop()
    await this.#passes.close(wasRunning)
    this.#reads.close()
    if (this.#options.worker !== undefined) await this.#presence.end()
  }

  async #ownPass(): Promise<'done' | 'again'> {
    try {
      await this.#passes.make(0)
      this.#succeed()
      return 'done'
    } catch (error) {
      // Whoever makes one now may have begun before the newest event.
      if (error instanceof SyncError && error.code === 'busy') return 'again'
      throw error
    }
  }

  #succeed(): void {
    this.#failure = undefined
    this.#options.observer?.passMade()
    this.#options.onChange?.()
  }

  #fail(error: unknown): void {
    this.#failure = messageOf(error)
    this.#options.onFailure?.(error)
    this.#options.onChange?.()
  }

  async #setControl(control: SyncControl): Promise<void> {
    if (this.#isClosed) throw new SyncError('closed', 'the synchronization is closed')
    await this.#options.store.setControl(control)
    if (this.#options.worker !== undefined) await this.#adopt(control)
  }

  async #adopt({ isStopped, intervalMs = this.#options.intervalMs }: SyncControl): Promise<void> {
    if (this.#isClosed) return
    const before = this.#scheduler.isRunning
    if (isStopped) await this.#scheduler.stop()
    else this.#scheduler.start(intervalMs)
    if (before === isStopped) this.#options.onChange?.()
  }

  #heartbeat(): Heartbeat {
    const { now, worker = 'worker' } = this.#options
    const { intervalMs } = this.#scheduler
    const sign = { processId: process.pid, role: worker, seenAt: now(), intervalMs }
    return this.#failure === undefined ? sign : { ...sign, failure: this.#failure }
  }

  async #sequenceOf(id: string): Promise<number | undefined> {
    if (!/^[1-9]\d{0,15}$/.test(id)) return undefined
    const sequence = Number(id)
    // A pass is not made for what is not there.
    return (await this.#options.store.letters.sequences()).includes(sequence) ? sequence : undefined
  }
}

/** Opens the synchronization of a ledger, which stays its owner's to close, after it. */
export async function openSynchronizer(options: SynchronizerOptions): Promise<Synchronizer> {
  return await new Synchronizer(options).open()
}
