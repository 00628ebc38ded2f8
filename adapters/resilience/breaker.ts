import {
  circuitBreaker,
  CircuitState,
  CountBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
  type IBreaker
} from 'cockatiel'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  readonly name: string
  /** The share of failures among the last calls past which it opens: more than 0, less than 1. */
  readonly threshold: number
  /** Milliseconds that it stays open before one call may show whether all is well again. */
  readonly cooldownMs: number
  /** Milliseconds that never go back. */
  readonly now?: () => number
  /** Which errors speak against what it guards; all of them by default. */
  readonly isFailure?: (error: Error) => boolean
  /** Of so many of the last calls the share is taken. */
  readonly windowCalls?: number
  /** Fewer calls than that say nothing. */
  readonly callsMin?: number
}

/** The breaker lets no call through now. */
export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError'
  readonly breaker: string
  /** Milliseconds after which another try makes sense. */
  readonly retryAfterMs: number

  constructor(breaker: string, retryAfterMs: number) {
    super(`the circuit breaker ${breaker} is open`)
    this.breaker = breaker
    this.retryAfterMs = retryAfterMs
  }
}

/** The share of the last calls, and the one failure that says enough by itself. */
class CallWindow implements IBreaker {
  readonly #calls: CountBreaker
  isTripped = false

  constructor(threshold: number, size: number, minimumNumberOfCalls: number) {
    this.#calls = new CountBreaker({ threshold, size, minimumNumberOfCalls })
  }

  get state(): unknown {
    return this.#calls.state
  }

  set state(value: unknown) {
    this.#calls.state = value
  }

  get failures(): number {
    return (this.#calls.state as { readonly failures: number }).failures
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.isTripped = false
    this.#calls.success(state)
  }

  failure(state: CircuitState): boolean {
    return this.#calls.failure(state) || this.isTripped
  }
}

/**
 * A circuit breaker: closed; open once the share of failures among the last calls has passed the threshold, or at once
 * when it is tripped; half-open for one call after the cooldown, which closes it or opens it again.
 */
export class Breaker {
  readonly name: string
  readonly threshold: number
  readonly #cooldownMs: number
  readonly #now: () => number
  readonly #window: CallWindow
  readonly #policy: CircuitBreakerPolicy
  #openedAt = 0
  #openings = 0
  #heldFor: (() => number) | undefined

  constructor(options: BreakerOptions) {
    const { name, threshold, cooldownMs, now = () => performance.now(), isFailure = () => true } = options
    const { windowCalls = 100, callsMin = 10 } = options
    this.name = name
    this.threshold = threshold
    this.#cooldownMs = cooldownMs
    this.#now = now
    this.#window = new CallWindow(threshold, windowCalls, callsMin)
    // The library measures a cooldown by the clock of the day, which jumps: here it is measured outside of it.
    this.#policy = circuitBreaker(handleWhen(isFailure), { halfOpenAfter: -Infinity, breaker: this.#window })
    this.#policy.onBreak(() => {
      this.#openedAt = this.#now()
      this.#openings += 1
    })
  }

  get state(): BreakerState {
    switch (this.#policy.state) {
      case CircuitState.Closed:
        return 'closed'
      case CircuitState.HalfOpen:
        return 'half-open'
      default:
        return 'open'
    }
  }

  /** Failures among the calls that count now. */
  get failures(): number {
    return this.#window.failures
  }

  /** How often it has opened. */
  get openings(): number {
    return this.#openings
  }

  /** Milliseconds until a call may be tried: 0 where one may be tried now. */
  get retryAfterMs(): number {
    if (this.#heldFor !== undefined) return this.#heldFor()
    if (this.state === 'closed') return 0
    if (this.state === 'half-open') return Math.max(1, Math.min(1000, this.#cooldownMs))
    return Math.max(0, this.#openedAt + this.#cooldownMs - this.#now())
  }

  /** Told of each new state. */
  onChange(listener: (state: BreakerState) => void): void {
    this.#policy.onStateChange(() => listener(this.state))
  }

  /** Makes the call, where it lets one through; else rejects with a BreakerOpenError. */
  run<Value>(call: () => Promise<Value>): Promise<Value> {
    const { state, retryAfterMs } = this
    if (retryAfterMs > 0) return Promise.reject(new BreakerOpenError(this.name, retryAfterMs))
    if (state === 'closed') return this.observe(call)
    // The time is over: whoever holds it is asked itself, and finds out by that whether all is well again.
    return this.#heldFor === undefined ? this.#policy.execute(call) : call()
  }

  /** Makes the call in any state, and counts how it ends where it is closed. */
  observe<Value>(call: () => Promise<Value>): Promise<Value> {
    return this.#isClosed ? call().then(this.#countSuccess, this.#countFailure) : call()
  }

  /** Opens it, whatever the share is: a failure of a kind that says enough by itself. */
  trip(failure: Error): void {
    this.#window.isTripped = true
    this.observe(() => Promise.reject(failure)).catch(() => undefined)
  }

  /**
   * Keeps it open until the returned function is called, without a call of its own to try: what it guards is known not to
   * work, and says itself when it does again. `retryAfterMs` says how long that takes at least; then calls get through to
   * it, to be refused by it or to begin its try.
   */
  hold(retryAfterMs: () => number): () => void {
    const isolation = this.#policy.isolate()
    this.#heldFor = retryAfterMs
    return () => {
      this.#heldFor = undefined
      // What failed before says nothing of what is well again.
      this.#window.success(CircuitState.HalfOpen)
      isolation.dispose()
    }
  }

  get #isClosed(): boolean {
    return this.#policy.state === CircuitState.Closed
  }

  /** Every request comes here: a good end is counted as the library would, without the promises that it makes for it. */
  readonly #countSuccess = <Value>(value: Value): Value => {
    if (this.#isClosed) this.#window.success(CircuitState.Closed)
    return value
  }

  readonly #countFailure = (error: unknown): Promise<never> => {
    const fail = (): Promise<never> =>
      Promise.reject(error instanceof Error ? error : new Error(String(error)))
    return this.#isClosed ? this.#policy.execute(fail) : fail()
  }
}
