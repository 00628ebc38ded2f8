import { KeyHash, KeyIndex } from './key-index.ts'
import type { LoggedUnit } from './logged-unit.ts'
import { ownText } from './own-text.ts'
import { PackedAnswers } from './packed-answers.ts'
import {
  isLive,
  RememberedAnswer,
  termOf,
  type AnswerTerm,
  type CapturedAnswer
} from './remembered-answer.ts'

/** A key and the answer remembered under it stand at the same place. */
export interface AnswerPart {
  readonly keys: readonly string[]
  readonly answers: readonly (RememberedAnswer | CapturedAnswer)[]
}

export interface CapturedAnswers {
  /** The latest instant the log has shown, in milliseconds since the epoch. */
  readonly logTime: number
  /** The number of keys in all parts. */
  readonly count: number
  /** The oldest answers first. */
  readonly parts: Iterable<AnswerPart>
}

/**
 * The answers given under idempotency keys. Their age is judged by the instants written in the log alone,
 * so that every reader of it comes to the same verdict, whatever its own clock says.
 */
export class AnswerMemory {
  readonly #answers = new PackedAnswers()
  /** The hash that its keys are found by. */
  readonly keyHash = new KeyHash()
  readonly #numbers = new KeyIndex(this.#answers, this.keyHash)
  /** The numbers of answers whose key was given again since. */
  readonly #superseded = new Set<number>()
  #logTime = 0

  /** The latest instant the log has shown, in milliseconds since the epoch. */
  get logTime(): number {
    return this.#logTime
  }

  /** The number of keys held. */
  get size(): number {
    const { oldest, end } = this.#answers
    return end - oldest - this.#superseded.size
  }

  /** The answer still remembered under the key for a unit written at `at`, once the log has shown `logTime`. */
  find(key: string, at: number, logTime = this.#logTime): RememberedAnswer | undefined {
    const number = this.#numbers.find(key)
    if (number === undefined) return undefined
    return isLive(this.#answers.term(number), at, Math.max(logTime, at))
      ? this.#answers.at(number)
      : undefined
  }

  /** Whether there are answers that would be let go once the log has shown this instant. */
  hasLapsed(at: number): boolean {
    const { oldest, end } = this.#answers
    return oldest < end && at >= this.#answers.term(oldest).forgottenFrom
  }

  /**
   * Takes up the answers of a valid unit and lets go of those whose time has passed. `unitId` is its id, which is kept: a
   * text of its own. Whoever has the hashes of the answers' keys at hand gives them.
   */
  apply(unit: LoggedUnit, unitId = ownText(unit.id), keyHashes: readonly number[] = []): void {
    if (unit.at > this.#logTime) this.#logTime = unit.at
    if (unit.answers !== undefined) {
      let term: AnswerTerm | undefined
      let index = 0
      for (const logged of unit.answers) {
        if (term?.until !== logged.until) term = termOf(unitId, unit.at, logged.until, this.#logTime)
        this.#add(RememberedAnswer.of(unit, logged, term), keyHashes[index])
        index += 1
      }
    }
    this.#sweep()
  }

  /** What is remembered now, in the order in which the sweep comes to it, to be drawn whatever happens in the meantime. */
  capture(): CapturedAnswers {
    const parts = partsOf(this.#answers.capture(new Set(this.#superseded)))
    return { logTime: this.#logTime, count: this.size, parts }
  }

  /** The memory as it was captured. */
  static restore({ logTime, parts }: CapturedAnswers): AnswerMemory {
    const memory = new AnswerMemory()
    memory.#logTime = logTime
    for (const { keys, answers } of parts) {
      for (const [index, answer] of answers.entries()) {
        const isWhole = answer instanceof RememberedAnswer
        memory.#add(isWhole ? answer : RememberedAnswer.restore(keys[index] ?? '', answer))
      }
    }
    return memory
  }

  #add(remembered: RememberedAnswer, keyHash?: number): void {
    const before = this.#numbers.set(remembered.key, this.#answers.end, keyHash)
    if (before !== undefined) this.#superseded.add(before)
    this.#answers.add(remembered)
  }

  #sweep(): void {
    while (this.hasLapsed(this.#logTime)) {
      this.#superseded.delete(this.#answers.oldest)
      this.#answers.dropOldest()
    }
  }
}

function* partsOf(captured: Iterable<readonly RememberedAnswer[]>): Generator<AnswerPart> {
  for (const answers of captured) yield { keys: answers.map(({ key }) => key), answers }
}
