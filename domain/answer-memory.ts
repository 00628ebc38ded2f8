import { restoreAnswer, type LoggedAnswer, type LoggedUnit } from './logged-unit.ts'
import type { Answer } from './unit.ts'

export interface RememberedAnswer {
  readonly fingerprint: string
  /** Milliseconds since the epoch, like `until`. */
  readonly at: number
  readonly until: number
  readonly answer: Answer
}

/**
 * The answers given under idempotency keys. Their age is judged by the instants written in the log alone,
 * so that every reader of it comes to the same verdict, whatever its own clock says.
 */
export class AnswerMemory {
  readonly #byKey = new Map<string, RememberedAnswer>()
  #logTime = 0

  /** The latest instant the log has shown, in milliseconds since the epoch. */
  get logTime(): number {
    return this.#logTime
  }

  /** The number of keys held. */
  get size(): number {
    return this.#byKey.size
  }

  /** The answer still remembered under the key for a unit written at `at`. */
  find(key: string, at: number): RememberedAnswer | undefined {
    const remembered = this.#byKey.get(key)
    if (remembered === undefined) return undefined
    return isLive(remembered, at, Math.max(this.#logTime, at)) ? remembered : undefined
  }

  /** Takes up the answers of a valid unit and lets go of those whose time has passed. */
  apply(unit: LoggedUnit): void {
    if (unit.at > this.#logTime) this.#logTime = unit.at
    if (unit.answers !== undefined) {
      for (const logged of unit.answers) {
        // Taken out first, for a Map keeps the place of a key that is set again and the sweep relies on age.
        this.#byKey.delete(logged.key)
        this.#byKey.set(logged.key, remember(unit, logged))
      }
    }
    this.#sweep()
  }

  #sweep(): void {
    for (const [key, remembered] of this.#byKey) {
      if (this.#logTime < forgottenFrom(remembered)) return
      this.#byKey.delete(key)
    }
  }
}

/** The answer as it is held in memory. */
export function remember(unit: LoggedUnit, logged: LoggedAnswer): RememberedAnswer {
  const { fingerprint, until } = logged
  return { fingerprint, at: unit.at, until, answer: restoreAnswer(unit, logged) }
}

/**
 * Whether a key is still taken for a unit written at `at`. The unit's own instant counts, so that a clock that
 * jumped ahead and was set right again does not free the keys given in between; the log's latest instant
 * bounds how long a key is held at all.
 */
export function isLive(remembered: RememberedAnswer, at: number, logTime: number): boolean {
  return at < remembered.until && logTime < forgottenFrom(remembered)
}

function forgottenFrom(remembered: RememberedAnswer): number {
  return remembered.until + (remembered.until - remembered.at)
}
