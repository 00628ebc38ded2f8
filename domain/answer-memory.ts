import type { LoggedUnit } from './logged-unit.ts'
import { RememberedAnswer, termOf, type AnswerTerm, type CapturedAnswer } from './remembered-answer.ts'

/** A key and the answer remembered under it stand at the same place. */
export interface CapturedAnswers {
  /** The latest instant the log has shown, in milliseconds since the epoch. */
  readonly logTime: number
  readonly keys: readonly string[]
  readonly answers: readonly (RememberedAnswer | CapturedAnswer)[]
}

const ANSWERS_PER_ROW = 1024

/**
 * The answers given under idempotency keys. Their age is judged by the instants written in the log alone,
 * so that every reader of it comes to the same verdict, whatever its own clock says.
 */
export class AnswerMemory {
  readonly #byKey = new Map<string, RememberedAnswer>()
  /** The answers by age, in rows. A Map keeps that order too, but looking for its oldest entry passes all that were deleted. */
  readonly #rows: RememberedAnswer[][] = []
  #oldest = 0
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
    return remembered?.isLive(at, Math.max(logTime, at)) === true ? remembered : undefined
  }

  /** Whether there are answers that would be let go once the log has shown this instant. */
  hasLapsed(at: number): boolean {
    const oldest = this.#rows[0]?.[this.#oldest]
    return oldest !== undefined && at >= oldest.term.forgottenFrom
  }

  /** Takes up the answers of a valid unit and lets go of those whose time has passed. */
  apply(unit: LoggedUnit): void {
    if (unit.at > this.#logTime) this.#logTime = unit.at
    if (unit.answers !== undefined) {
      let term: AnswerTerm | undefined
      for (const logged of unit.answers) {
        if (term?.until !== logged.until) term = termOf(unit.id, unit.at, logged.until, this.#logTime)
        this.#add(RememberedAnswer.of(unit, logged, term))
      }
    }
    this.#sweep()
  }

  /** What is remembered now, in the order in which the sweep comes to it, whatever happens in the meantime. */
  capture(): CapturedAnswers {
    const answers = this.#rows
      .flatMap((row, index) => (index === 0 ? row.slice(this.#oldest) : row))
      .filter((remembered) => this.#byKey.get(remembered.key) === remembered)
    return { logTime: this.#logTime, keys: answers.map(({ key }) => key), answers }
  }

  /** The memory as it was captured. */
  static restore({ logTime, keys, answers }: CapturedAnswers): AnswerMemory {
    const memory = new AnswerMemory()
    memory.#logTime = logTime
    for (const [index, key] of keys.entries()) {
      const answer = answers[index]
      if (answer === undefined) continue
      memory.#add(answer instanceof RememberedAnswer ? answer : RememberedAnswer.restore(key, answer))
    }
    return memory
  }

  #add(remembered: RememberedAnswer): void {
    this.#byKey.set(remembered.key, remembered)
    const row = this.#rows.at(-1)
    if (row !== undefined && row.length < ANSWERS_PER_ROW) row.push(remembered)
    else this.#rows.push([remembered])
  }

  #sweep(): void {
    for (let row = this.#rows[0]; row !== undefined; row = this.#rows[0]) {
      const remembered = row[this.#oldest]
      if (remembered === undefined || this.#logTime < remembered.term.forgottenFrom) return
      // The key may have been given again since.
      if (this.#byKey.get(remembered.key) === remembered) this.#byKey.delete(remembered.key)
      this.#oldest += 1
      if (this.#oldest === row.length) {
        this.#rows.shift()
        this.#oldest = 0
      }
    }
  }
}
