import { RememberedAnswer, termOf } from './remembered-answer.ts'
import { setUntilUndone, type Work } from './unit-work.ts'

/** More than any unit has. */
const ANSWERS_PER_UNIT = 2 ** 20

/**
 * The answers that a draft has come to, by their keys. Nearly none of them is asked for again before the log holds it, so
 * each is put together only then.
 */
export class DraftedAnswers {
  readonly #works: Work[] = []
  /** In one number, the place of the work among the works and that of the answer among its answers. */
  readonly #places = new Map<string, number>()

  get isEmpty(): boolean {
    return this.#places.size === 0
  }

  /** Adds the newest answer of the work, which is the newest too; where the work is atomic, it can be undone. */
  addNewest(work: Work): void {
    const answer = work.answers.at(-1)
    if (answer === undefined) throw new TypeError('a unit without an answer')
    if (this.#works.at(-1) !== work) this.#works.push(work)
    const place = (this.#works.length - 1) * ANSWERS_PER_UNIT + work.answers.length - 1
    setUntilUndone(work, this.#places, answer.key, place)
  }

  /** The answer as it will be remembered. */
  find(key: string): RememberedAnswer | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    const work = this.#works[Math.floor(place / ANSWERS_PER_UNIT)]
    const answer = work?.answers[place % ANSWERS_PER_UNIT]
    if (work === undefined || answer === undefined) throw new TypeError(`no answer at ${place}`)
    const { unit, unitId, events, logTime } = work
    const term = termOf(unitId, unit.at, answer.until, logTime)
    return RememberedAnswer.of({ id: unitId, at: unit.at, events }, answer, term)
  }
}
