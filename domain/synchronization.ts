import type { CentralStock } from './central-model.ts'
import type { SequencedEvent } from './unit.ts'

/** What one pass came to. */
export interface PassReport {
  /** Events that took effect in the central model. */
  readonly applied: number
  /** Events that could not be applied and were put aside. */
  readonly deadLettered: number
  /** That of the newest event that was looked at. */
  readonly sequence: number
}

/** An event that could not be applied to the central model. */
export interface DeadLetter {
  readonly id: string
  readonly event: SequencedEvent
  /** Why the last attempt failed. */
  readonly reason: string
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly firstFailedAt: number
  /** Milliseconds since the epoch. */
  readonly lastFailedAt: number
}

/** `superseded`: a later event of the record took effect, so that this one has nothing left to change. */
export type RetryResult =
  { readonly outcome: 'applied' | 'superseded' } | { readonly outcome: 'failed'; readonly reason: string }

export interface DeadLetterPage {
  /** In the order of the log. */
  readonly letters: readonly DeadLetter[]
  readonly hasMore: boolean
  /** Of all that there are. */
  readonly total: number
}

/** Whoever makes passes by itself. */
export interface WorkerFacts {
  readonly processId: number
  readonly role: 'all' | 'worker'
  /** When it last said that it lives, in milliseconds since the epoch. */
  readonly seenAt: number
}

export interface SyncStatus {
  /** Whether passes are made without being asked for: nobody has stopped them, and a worker lives. */
  readonly isRunning: boolean
  /** Whether somebody has stopped them. */
  readonly isStopped: boolean
  readonly intervalMs: number
  /** Up to where the central model has come. */
  readonly lastSequence: number
  readonly logSequence: number
  /** Milliseconds for which the oldest event waits that the central model does not have; 0 where there is none. */
  readonly lagMs: number
  /** When the last pass ended, in milliseconds since the epoch. */
  readonly lastRunAt?: number
  readonly deadLetters: number
  /** Up to where the central model is on disk; after a crash the rest is read from the log again. */
  readonly checkpoint: number
  readonly worker?: WorkerFacts
  /** Why the last pass or the worker itself failed; none where it did not. */
  readonly failure?: string
}

/** What is known of the worker without waiting for it. */
export interface SyncHealth {
  /** `absent`: nobody makes passes by itself. */
  readonly status: 'running' | 'stopped' | 'absent' | 'failed'
  readonly lag: number
  readonly deadLetters: number
}

/** The steps of a pass: what has expired is written down, events are applied, the model is saved, the log is kept in order. */
export type PassStep = 'expire' | 'apply' | 'save' | 'upkeep'

/** A pass that is over, in milliseconds. */
export interface TimedPass {
  /** Since the epoch. */
  readonly startedAt: number
  readonly durationMs: number
  /** `from` and `to` count from the beginning of the pass. */
  readonly steps: readonly { readonly step: PassStep; readonly from: number; readonly to: number }[]
  /** What it came to; undefined where it failed. */
  readonly report?: PassReport
}

/** Told what a sync worker does; it must not throw. */
export interface SyncObserver {
  /** Told of each pass, for whomever it was made, and where its time went; nothing is timed where nobody wants to know. */
  passTimed?(pass: TimedPass): void
  passMade(): void
  deadLettered(): void
  snapshotWritten(durationMs: number): void
}

/** What of the central model is asked for; the answer waits for `minSequence`, within bounds. */
export interface CentralQuery {
  readonly minSequence?: number
}

export interface CentralAnswer {
  readonly sequence: number
  /** Whether the model has come to the sequence that was asked for. */
  readonly isReached: boolean
}

export interface CentralReading extends CentralAnswer {
  /** Undefined where no store has the SKU. */
  readonly stock?: CentralStock
}

export interface CentralPage extends CentralAnswer {
  readonly items: readonly CentralStock[]
  readonly hasMore: boolean
}

export interface SyncErrorOptions extends ErrorOptions {
  /** Milliseconds after which another try makes sense, where that is known. */
  readonly retryAfterMs?: number
}

/**
 * Why there is no answer now: `busy`, another process makes a pass; `failed`, the worker is not there; `crowded`, too many
 * ask at once; `circuit_open`, it failed again and again and is left alone for a while.
 */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: 'busy' | 'failed' | 'closed' | 'crowded' | 'circuit_open'
  readonly retryAfterMs: number | undefined

  constructor(code: SyncError['code'], message: string, options?: SyncErrorOptions) {
    super(message, options)
    this.code = code
    this.retryAfterMs = options?.retryAfterMs
  }
}

/**
 * The central model and what keeps it up to date. Any number of processes may serve one ledger: one pass is made at a
 * time, and start, stop and dead letters hold for all of them. All promises may reject with a SyncError.
 */
export interface Synchronization {
  /** Writes down what has expired, and one pass to the end that the log has then, also where passes are stopped. */
  pass(): Promise<PassReport>
  status(): Promise<SyncStatus>
  health(): Promise<SyncHealth>
  /** Lets passes be made by themselves; each `intervalMs` at the latest, where it is left out as configured. */
  start(intervalMs?: number): Promise<void>
  /** No more passes by themselves, until `start`: restarts change nothing about it. */
  stop(): Promise<void>
  /** At most `limit` of them behind the event `after`. */
  deadLetters(after: number, limit: number): Promise<DeadLetterPage>
  /** Tries a dead letter again; undefined where there is no such one. It is gone unless it failed. */
  retry(id: string): Promise<RetryResult | undefined>
  /** Gives a dead letter up. False where there is no such one. */
  discard(id: string): Promise<boolean>
  stock(sku: string, query: CentralQuery): Promise<CentralReading>
  /** At most `limit` SKUs behind `after`, in the order of UTF-16 code units. */
  stocks(after: string | undefined, limit: number, query: CentralQuery): Promise<CentralPage>
  /** Ends the pass that is under way. Later calls reject. */
  close(): Promise<void>
}
