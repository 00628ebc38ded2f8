import type { Ledger } from '../../domain/ledger.ts'
import type { Time } from './time.ts'

/** Who was just told of an event is told of the next ones together: well within the 50 ms of the contract. */
const ROUND_MS = 20

export interface Waiting {
  /** The offset that is waited for. */
  readonly awaits: number
  /** Nothing will come any more. */
  fail(reason: unknown): void
}

export interface WaitingRoomOptions<Waiter> {
  readonly ledger: Pick<Ledger, 'waitFor' | 'health'>
  readonly time: Time
  /** Told those whose event has come; `until` is the newest offset. They do not wait any more. */
  readonly onLanded: (waiters: readonly Waiter[], until: number) => void
}

/**
 * All who wait for events: it waits once for all of them, and not while there are none. They are told in rounds, the next
 * of which begins when all who were told in the one before are served: so all of them go on from the same offset, and
 * what is made for one is made for all.
 */
export class WaitingRoom<Waiter extends Waiting> {
  readonly #options: WaitingRoomOptions<Waiter>
  readonly #waiters = new Set<Waiter>()
  /** Those who were told and are not served yet. */
  readonly #told = new Set<Waiter>()
  /** Whether there may be something to tell. */
  #isDue = false
  #watch: AbortController | undefined
  #cancelRound: (() => void) | undefined
  #lastRoundAt = -Infinity

  constructor(options: WaitingRoomOptions<Waiter>) {
    this.#options = options
  }

  get size(): number {
    return this.#waiters.size
  }

  add(waiter: Waiter): void {
    this.#told.delete(waiter)
    this.#waiters.add(waiter)
    if (waiter.awaits <= this.#options.ledger.health().sequence) this.#isDue = true
    this.#attend()
  }

  /** Forgets one who waits, or who was told and is served now. */
  remove(waiter: Waiter): void {
    if (this.#told.delete(waiter) || this.#waiters.delete(waiter)) this.#attend()
  }

  /** Forgets all who wait; returns them. */
  empty(): Waiter[] {
    const waiters = [...this.#waiters]
    for (const waiter of waiters) this.remove(waiter)
    return waiters
  }

  #attend(): void {
    if (this.#waiters.size === 0) {
      this.#watch?.abort()
      this.#watch = undefined
      this.#cancelRound?.()
      this.#cancelRound = undefined
    } else if (this.#told.size === 0 && this.#cancelRound === undefined) {
      if (this.#isDue) this.#scheduleRound()
      else this.#watch ??= this.#watchLog()
    }
  }

  #watchLog(): AbortController {
    const { ledger } = this.#options
    const watch = new AbortController()
    ledger.waitFor(ledger.health().sequence + 1, watch.signal).then(
      () => {
        if (this.#watch !== watch) return
        this.#watch = undefined
        this.#isDue = true
        this.#attend()
      },
      (reason: unknown) => {
        if (this.#watch !== watch) return
        for (const waiter of this.empty()) waiter.fail(reason)
      }
    )
    return watch
  }

  #scheduleRound(): void {
    const { time } = this.#options
    const waitMs = this.#lastRoundAt + ROUND_MS - time.now()
    if (waitMs <= 0) this.#goRound()
    else this.#cancelRound = time.after(waitMs, () => this.#goRound())
  }

  #goRound(): void {
    const { ledger, time, onLanded } = this.#options
    this.#cancelRound = undefined
    this.#isDue = false
    this.#lastRoundAt = time.now()
    const { sequence } = ledger.health()
    const landed = [...this.#waiters].filter(({ awaits }) => awaits <= sequence)
    for (const waiter of landed) {
      this.#waiters.delete(waiter)
      this.#told.add(waiter)
    }
    onLanded(landed, sequence)
    this.#attend()
  }
}
