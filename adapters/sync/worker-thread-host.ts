import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Ledger } from '../../domain/ledger.ts'
import {
  SyncError,
  type CentralPage,
  type CentralQuery,
  type CentralReading,
  type DeadLetterPage,
  type PassReport,
  type RetryResult,
  type SyncHealth,
  type SyncObserver,
  type Synchronization,
  type SyncStatus
} from '../../domain/synchronization.ts'
import { SyncCondition } from './sync-condition.ts'
import type { SyncStore } from './sync-store.ts'
import type { SyncLog, SyncWorkerSettings } from './sync-worker.ts'
import type { FromWorker, Method, WorkerState } from './worker-messages.ts'

const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 30_000
/** A thread that has lived for so long was not wrong from the start. */
const SETTLED_MS = 60_000
/** One that has not shown for so long hangs. */
const SILENT_MS = 10_000

export interface WorkerThreadHostOptions {
  readonly settings: SyncWorkerSettings
  /** What the thread keeps on disk, for when it is not there to be asked. */
  readonly store: SyncStore
  /** The ledger of this thread, which shows how far the worker is behind. */
  readonly ledger: Ledger
  readonly now: () => number
  readonly observer?: SyncObserver | undefined
  /** How long the worker may take to end. */
  readonly closeTimeoutMs: number
  readonly log: SyncLog
  /** The thread's module; the tests have others. */
  readonly module?: string
}

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (reason: Error) => void
}

/**
 * The synchronization by a worker in a thread of its own, which is started again when it dies. Nobody here waits for it
 * but who asks it something, and those are told when it is gone.
 */
export class WorkerThreadHost implements Synchronization {
  readonly #options: WorkerThreadHostOptions
  readonly #pending = new Map<number, Pending>()
  #thread: Worker | undefined
  #calls = 0
  #state: WorkerState | undefined
  #seenAt = 0
  #startedAt = 0
  #failures = 0
  #failure = 'the sync worker is just starting'
  /** Whether the present thread has begun its work. */
  #isReady = false
  #restart: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(options: WorkerThreadHostOptions) {
    this.#options = options
    this.#start()
  }

  pass(): Promise<PassReport> {
    return this.#ask('pass')
  }

  async status(): Promise<SyncStatus> {
    if (this.#thread !== undefined) return await this.#ask('status')
    const { settings, store, ledger, now } = this.#options
    const none = { ownSign: () => undefined, ownSequence: () => 0 }
    const condition = new SyncCondition({ ledger, store, now, intervalMs: settings.intervalMs, ...none })
    return { ...(await condition.status()), isRunning: false, failure: this.#failure }
  }

  async health(): Promise<SyncHealth> {
    const { status = 'failed', sequence = 0, deadLetters = 0 } = this.#state ?? {}
    const isThere = this.#thread !== undefined && performance.now() - this.#seenAt < SILENT_MS
    const lag = Math.max(0, this.#options.ledger.health().sequence - sequence)
    // One that has just been started is about to show.
    const isStarting = this.#thread !== undefined && this.#state === undefined && this.#failures === 0
    return { status: isStarting ? 'running' : isThere ? status : 'failed', lag, deadLetters }
  }

  async start(intervalMs?: number): Promise<void> {
    if (this.#thread !== undefined) return await this.#ask('start', intervalMs)
    await this.#options.store.setControl({
      isStopped: false,
      ...(intervalMs !== undefined && { intervalMs })
    })
  }

  async stop(): Promise<void> {
    if (this.#thread !== undefined) return await this.#ask('stop')
    const { store } = this.#options
    await store.setControl({ ...(await store.control()), isStopped: true })
  }

  deadLetters(after: number, limit: number): Promise<DeadLetterPage> {
    return this.#ask('deadLetters', after, limit)
  }

  retry(id: string): Promise<RetryResult | undefined> {
    return this.#ask('retry', id)
  }

  discard(id: string): Promise<boolean> {
    return this.#ask('discard', id)
  }

  stock(sku: string, query: CentralQuery): Promise<CentralReading> {
    return this.#ask('stock', sku, query)
  }

  stocks(after: string | undefined, limit: number, query: CentralQuery): Promise<CentralPage> {
    return this.#ask('stocks', after, limit, query)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearTimeout(this.#restart)
    const thread = this.#thread
    if (thread === undefined) return
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    const late = setTimeout(() => {
      this.#options.log('warn', 'the sync worker did not end in time')
      void thread.terminate()
    }, this.#options.closeTimeoutMs)
    // One that is still reading the log has nothing to end, and may be ended at any time as a crash would.
    if (this.#isReady) this.#ask('close').catch(() => undefined)
    else void thread.terminate()
    await ended
    clearTimeout(late)
  }

  #start(): void {
    const { observer, module = join(import.meta.dirname, `worker-thread${extname(import.meta.filename)}`) } =
      this.#options
    const thread = new Worker(module, {
      workerData: { ...this.#options.settings, isTimed: observer?.passTimed !== undefined },
      name: 'sync worker',
      execArgv: execArguments()
    })
    this.#thread = thread
    this.#isReady = false
    this.#startedAt = performance.now()
    this.#seenAt = this.#startedAt
    thread.on('message', (message: FromWorker) => this.#take(message))
    thread.on('error', (error) => {
      this.#failure = `the sync worker died: ${error.message}`
    })
    thread.once('exit', () => this.#buryThread())
  }

  #buryThread(): void {
    this.#thread = undefined
    const error = new SyncError(this.#closing === undefined ? 'failed' : 'closed', this.#failure)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    if (this.#closing !== undefined) return
    if (performance.now() - this.#startedAt > SETTLED_MS) this.#failures = 0
    const delayMs = Math.min(FIRST_RESTART_MS * 2 ** this.#failures, LAST_RESTART_MS)
    this.#failures += 1
    this.#options.log('error', 'the sync worker died and is started again', { error: this.#failure, delayMs })
    this.#restart = setTimeout(() => this.#start(), delayMs).unref()
  }

  #take(message: FromWorker): void {
    this.#seenAt = performance.now()
    if (message.kind === 'state') {
      this.#state = message.state
      this.#isReady = true
    } else if (message.kind === 'observed') {
      tell(this.#options.observer, message)
    } else if (message.kind === 'log') {
      this.#options.log(message.level, message.message, message.facts)
    } else {
      const pending = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if (message.kind === 'answer') pending?.resolve(message.value as never)
      else pending?.reject(errorOf(message))
    }
  }

  #ask<Value>(method: Method, ...args: readonly unknown[]): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#thread === undefined || (this.#closing !== undefined && method !== 'close')) {
        reject(new SyncError(this.#closing === undefined ? 'failed' : 'closed', this.#failure))
        return
      }
      this.#calls += 1
      this.#pending.set(this.#calls, { resolve, reject })
      this.#thread.postMessage({ id: this.#calls, method, args })
    })
  }
}

function tell(observer: SyncObserver | undefined, happened: Extract<FromWorker, { kind: 'observed' }>): void {
  if (happened.what === 'snapshot') observer?.snapshotWritten(happened.durationMs)
  else if (happened.what === 'pass') observer?.passMade()
  else if (happened.what === 'timed pass') observer?.passTimed?.(happened.pass)
  else observer?.deadLettered()
}

function errorOf({ name, code, message }: Extract<FromWorker, { kind: 'error' }>): Error {
  const known = name === 'SyncError' && (code === 'busy' || code === 'closed') ? code : 'failed'
  return new SyncError(known, message)
}

/** What lets this process run from its sources has to be said again to a thread where it is tsx that does it. */
function execArguments(): string[] {
  const isSource = extname(import.meta.filename) === '.ts'
  if (!isSource || !process.execArgv.some((argument) => /\btsx\b/.test(argument))) return process.execArgv
  const loader = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register()`
  return [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(loader)}`]
}
