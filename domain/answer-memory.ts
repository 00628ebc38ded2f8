import { restoreAnswer, type LoggedAnswer, type LoggedUnit } from './logged-unit.ts'
import type { Answer } from './unit.ts'

export interface RememberedAnswer {
  /** The unit that gave it. */
  readonly unitId: string
  readonly fingerprint: string
  /** Milliseconds since the epoch: a unit written from here on is another request under a free key. */
  readonly until: number
  /** Milliseconds since the epoch: once the log has shown this instant, no unit finds the answer any more. */
  readonly forgottenFrom: number
  readonly answer: Answer
}

/** A key and the answer remembered under it stand at the same place. */
export interface CapturedAnswers {
  /** The latest instant the log has shown, in milliseconds since the epoch. */
  readonly logTime: number
  readonly keys: readonly string[]
  readonly answers: readonly RememberedAnswer[]
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

  /** The answer still remembered under the key for a unit written at `at`, once the log has shown `logTime`. */
  find(key: string, at: number, logTime = this.#logTime): RememberedAnswer | undefined {
    const remembered = this.#byKey.get(key)
    if (remembered === undefined) return undefined
    return isLive(remembered, at, Math.max(logTime, at)) ? remembered : undefined
  }

  /** Takes up the answers of a valid unit and lets go of those whose time has passed. */
  apply(unit: LoggedUnit): void {
    if (unit.at > this.#logTime) this.#logTime = unit.at
    if (unit.answers !== undefined) {
      for (const logged of unit.answers) {
        // Taken out first, for a Map keeps the place of a key that is set again and the sweep relies on age.
        this.#byKey.delete(logged.key)
        this.#byKey.set(logged.key, remember(unit, logged, this.#logTime))
      }
    }
    this.#sweep()
  }

  /** What is remembered now, in the order in which the sweep comes to it, whatever happens in the meantime. */
  capture(): CapturedAnswers {
    return { logTime: this.#logTime, keys: [...this.#byKey.keys()], answers: [...this.#byKey.values()] }
  }

  /** The memory as it was captured. */
  static restore({ logTime, keys, answers }: CapturedAnswers): AnswerMemory {
    const memory = new AnswerMemory()
    memory.#logTime = logTime
    for (const [index, key] of keys.entries()) {
      const answer = answers[index]
      if (answer !== undefined) memory.#byKey.set(key, answer)
    }
    return memory
  }

  #sweep(): void {
    for (const [key, remembered] of this.#byKey) {
      if (this.#logTime < remembered.forgottenFrom) return
      this.#byKey.delete(key)
    }
  }
}

/** The answer as it is held in memory; `logTime` is the latest instant the log has shown, the unit included. */
export function remember(unit: LoggedUnit, logged: LoggedAnswer, logTime: number): RememberedAnswer {
  const { fingerprint, until } = logged
  return {
    unitId: unit.id,
    fingerprint,
    until,
    forgottenFrom: forgottenFrom(unit.at, until, logTime),
    answer: restoreAnswer(unit, logged)
  }
}

/**
 * Whether a key is still taken for a unit written at `at`. The unit's own instant counts, so that a clock that
 * jumped ahead and was set right again does not free the keys given in between; the log's latest instant
 * bounds how long a key is held at all.
 */
export function isLive(remembered: RememberedAnswer, at: number, logTime: number): boolean {
  return at < remembered.until && logTime < remembered.forgottenFrom
}

/**
 * The instant in the log from which on an answer given at `at` is forgotten. Twice its time, counted from the log's
 * latest instant: where one clock has run ahead, the keys given by the right ones are still held.
 */
export function forgottenFrom(at: number, until: number, logTime: number): number {
  return logTime + 2 * (until - at)
}
