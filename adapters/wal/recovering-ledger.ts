import { LedgerError, type Ledger, type LedgerHealth } from '../../domain/ledger.ts'
import type { RecordView } from '../../domain/record.ts'
import type { Outcome, Unit } from '../../domain/unit.ts'
import { BreakerOpenError, type Breaker } from '../resilience/breaker.ts'
import type { UnusableSnapshot } from './boot.ts'
import { DamageError, LeftBehindError } from './damage.ts'
import type { Retained, SnapshotWritten } from './log-upkeep.ts'
import type { WalLedger } from './wal-ledger.ts'

export interface RecoveringLedgerOptions {
  /**
   * Opens the ledger as a start does; `onFailure` is told once, when it stops taking writes. `isAgain` says that there is
   * a ledger: where the folder has none, it is not there, and none must be begun in its place.
   */
  readonly open: (onFailure: (error: unknown) => void, isAgain: boolean) => Promise<WalLedger>
  /** That of the file system: no write while it is open. Its probe is a ledger opened anew and a write that is durable. */
  readonly breaker: Breaker
  /** Told when the ledger takes no more writes. */
  readonly onFailure?: (error: unknown) => void
  /** Told besides where the log has gone on without it: only one that is opened anew can ever catch up. */
  readonly onLost?: ((error: LeftBehindError) => void) | undefined
  /** Told of each snapshot that could not be used, whenever the ledger is opened. */
  readonly onUnusableSnapshot?: (snapshot: UnusableSnapshot) => void
  /** Told when a try to open it anew has failed. */
  readonly onStillFailing?: (error: unknown) => void
  /** Told when it takes writes again. */
  readonly onRecovered?: (facts: { readonly sequence: number; readonly durationMs: number }) => void
}

/**
 * A ledger in a folder that heals by itself. What has failed to write or sync is never used again to write: it goes on
 * answering reads, and after the breaker's cooldown another one is opened on the folder as a start does, which writes the
 * unsure end of the log again, in place. That one takes over once it has shown that it holds all that was answered
 * before, and that a write of its own is durable.
 */
export class RecoveringLedger implements Ledger {
  readonly #options: RecoveringLedgerOptions
  #present: WalLedger
  /** Whether the present one takes no more writes. */
  #hasFailed = false
  #probe: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Those that were replaced and still answer the reads that they had begun. */
  readonly #leaving = new Set<Promise<void>>()
  #recoveries = 0
  #closing: Promise<void> | undefined

  private constructor(options: RecoveringLedgerOptions, present: WalLedger) {
    this.#options = options
    this.#present = present
    options.breaker.onChange((state) => {
      if (state === 'open') this.#probeLater()
    })
  }

  /** Rejects as `open` does: a ledger that cannot be opened at the start is for people to look at. */
  static async open(options: RecoveringLedgerOptions): Promise<RecoveringLedger> {
    const told: { failed: (error: unknown) => void } = { failed: () => undefined }
    const first = await openReporting(options, (error) => told.failed(error), false)
    const ledger = new RecoveringLedger(options, first)
    told.failed = (error) => ledger.#fail(first, error)
    return ledger
  }

  execute(unit: Unit): Promise<Outcome> {
    const { breaker } = this.#options
    if (breaker.state === 'closed' && !this.#hasFailed) return this.#present.execute(unit)
    if (this.#closing !== undefined) return this.#present.execute(unit)
    const { retryAfterMs } = breaker
    if (breaker.state === 'open' && retryAfterMs === 0) this.#probeNow()
    return Promise.reject(this.#refusal(retryAfterMs))
  }

  get(storeId: string, sku: string, at: number): Promise<RecordView | undefined> {
    return this.#present.get(storeId, sku, at)
  }

  list(...asked: Parameters<Ledger['list']>): ReturnType<Ledger['list']> {
    return this.#present.list(...asked)
  }

  history(...asked: Parameters<Ledger['history']>): ReturnType<Ledger['history']> {
    return this.#present.history(...asked)
  }

  reservation(...asked: Parameters<Ledger['reservation']>): ReturnType<Ledger['reservation']> {
    return this.#present.reservation(...asked)
  }

  reservations(...asked: Parameters<Ledger['reservations']>): ReturnType<Ledger['reservations']> {
    return this.#present.reservations(...asked)
  }

  due(...asked: Parameters<Ledger['due']>): ReturnType<Ledger['due']> {
    return this.#present.due(...asked)
  }

  read(...asked: Parameters<Ledger['read']>): ReturnType<Ledger['read']> {
    return this.#present.read(...asked)
  }

  readPrintable(...asked: Parameters<Ledger['readPrintable']>): ReturnType<Ledger['readPrintable']> {
    return this.#present.readPrintable(...asked)
  }

  async waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const present = this.#present
      try {
        return await present.waitFor(sequence, signal)
      } catch (error) {
        // The one that has taken over goes on counting where it stood.
        if (present === this.#present || signal?.aborted === true) throw error
      }
    }
  }

  health(): LedgerHealth {
    const health = this.#present.health()
    if (health.status !== 'open' || this.#options.breaker.state === 'closed') return health
    return { ...health, status: 'read_only', cause: this.#refusal(0).message }
  }

  figures(): ReturnType<Ledger['figures']> {
    return this.#present.figures()
  }

  get recordCount(): number {
    return this.#present.recordCount
  }

  /** How often another ledger has taken over. */
  get recoveries(): number {
    return this.#recoveries
  }

  newestSnapshot(): Promise<number> {
    return this.#present.newestSnapshot()
  }

  /** As that of WalLedger. */
  writeSnapshot(): Promise<SnapshotWritten> {
    return this.#present.writeSnapshot()
  }

  /** As that of WalLedger. */
  retain(eventCount: number | undefined, checkpoint: number): Promise<Retained> {
    return this.#present.retain(eventCount, checkpoint)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #fail(failed: WalLedger, error: unknown): void {
    if (failed !== this.#present || this.#hasFailed) return
    this.#hasFailed = true
    const { onFailure, onLost } = this.#options
    onFailure?.(error)
    if (error instanceof LeftBehindError) onLost?.(error)
    this.#options.breaker.trip(error instanceof Error ? error : new Error(String(error)))
  }

  #refusal(retryAfterMs: number): LedgerError {
    const cause =
      this.#present.health().cause ?? 'the ledger takes no writes: too many calls of the disk fail'
    return new LedgerError('read_only', cause, { retryAfterMs })
  }

  #probeLater(): void {
    if (this.#closing !== undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#probeNow()
    }, this.#options.breaker.retryAfterMs).unref()
  }

  /** One try at a time; a try that comes too early is made again in time. */
  #probeNow(): void {
    if (this.#closing !== undefined || this.#probe !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { breaker, onStillFailing } = this.#options
    this.#probe = breaker
      .run(() => this.#recover())
      .catch((error: unknown) => {
        // A timer may end a little early; nothing was tried then.
        if (!(error instanceof BreakerOpenError)) onStillFailing?.(error)
      })
      .finally(() => {
        this.#probe = undefined
        if (breaker.state === 'open') this.#probeLater()
      })
  }

  async #recover(): Promise<void> {
    const before = this.#present
    if (!this.#hasFailed) return await before.prove()
    const started = performance.now()
    const told: { failed: (error: unknown) => void } = { failed: () => undefined }
    const next = await openReporting(this.#options, (error) => told.failed(error), true)
    try {
      this.#requireAllOf(before, next)
      await next.prove()
      if (this.#closing !== undefined) throw new LedgerError('closed', 'the ledger is closed')
    } catch (error) {
      await next.close().catch(() => undefined)
      throw error
    }
    told.failed = (error) => this.#fail(next, error)
    this.#present = next
    this.#hasFailed = false
    this.#recoveries += 1
    this.#letGo(before)
    this.#options.onRecovered?.({ sequence: next.health().sequence, durationMs: performance.now() - started })
  }

  /** What was answered is durable, so whoever reads the log anew has to find it. */
  #requireAllOf(before: WalLedger, next: WalLedger): void {
    const [answered, found] = [before.health().sequence, next.health().sequence]
    if (found >= answered) return
    throw new DamageError(next.place, 0, `it holds ${found} events, but ${answered} were answered`)
  }

  #letGo(ledger: WalLedger): void {
    const leaving = ledger
      .close()
      .catch(() => undefined)
      .finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#probe
    await Promise.all(this.#leaving)
    await this.#present.close()
  }
}

async function openReporting(
  { open, onUnusableSnapshot }: RecoveringLedgerOptions,
  ...asked: Parameters<RecoveringLedgerOptions['open']>
): Promise<WalLedger> {
  const ledger = await open(...asked)
  for (const unusable of ledger.boot.unusable) onUnusableSnapshot?.(unusable)
  return ledger
}
