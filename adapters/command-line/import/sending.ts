import type { Answers } from './answers.ts'
import type { Attempt, Client } from './client.ts'
import type { Doubt } from './doubt.ts'
import type { Journal } from './journal.ts'
import type { Movement } from './mapping.ts'
import type { Pace } from './pace.ts'
import type { Persistence } from './persistence.ts'
import type { Outcome } from './summary.ts'

/** What batches and units need to be sent. */
export interface Sending {
  readonly client: Client
  readonly journal: Journal
  readonly answers: Answers
  readonly doubt: Doubt
  readonly pace: Pace
  /** A new patience, for one piece of work. */
  readonly persistence: () => Persistence
}

/** What a refusal is called whose answer was lost. */
export const REFUSED_EARLIER: Outcome = {
  is: 'refused',
  code: 'REFUSED_EARLIER',
  message: 'the answer was lost; a later row of the same record was applied and this one was not'
}

/** For this long the server is trusted to know the key of a request that it may have carried out. */
const KEYS_TRUSTED_MS = 30_000

/** Watches the attempts at one request, to know when its keys no longer protect it from being applied twice. */
export class Certainty {
  readonly #pace: Pace
  #unsureSince: number | undefined

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /**
   * Whether the records' histories must be asked before the request is sent again: after a lost connection or a
   * failed server always, after a 503, which says that nothing was done, once the keys may have been forgotten.
   */
  isLost(attempt: Extract<Attempt, { is: 'later' }>): boolean {
    const now = this.#pace.now()
    if (attempt.unsure) this.#unsureSince ??= now
    if (this.#unsureSince === undefined) return false
    return !attempt.askedToWait || now + (attempt.afterMs ?? 0) - this.#unsureSince > KEYS_TRUSTED_MS
  }
}

/** The movement as a line of a request; in a unit without a key of its own, since the whole request has one. */
export function movementJson(movement: Movement, inUnit: boolean): string {
  const { idempotencyKey, ...rest } = movement
  return JSON.stringify({ type: 'adjust', ...rest, ...(inUnit ? {} : { idempotencyKey }) })
}
