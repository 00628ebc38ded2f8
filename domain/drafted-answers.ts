import { KeyIndex, type KeyHash, type KeyHolder } from './key-index.ts'
import type { LoggedAnswer } from './logged-unit.ts'
import { RememberedAnswer, termOf } from './remembered-answer.ts'
import type { Work } from './unit-work.ts'

/** Units of many lines come in several: the parts of a batch, or the batches of several callers. */
const UNITS_EXPECTED = 4

/**
 * The answers that a draft has come to, by their keys. Nearly none of them is asked for again before the log holds it, so
 * each is put together only then.
 */
export class DraftedAnswers implements KeyHolder {
  readonly oldest = 0
  /** By number, with the work that each belongs to; undefined for those that were undone. */
  readonly #answers: (LoggedAnswer | undefined)[] = []
  readonly #works: Work[] = []
  readonly #keyHash: KeyHash
  /** Made for the first answer: most drafts come to none. */
  #numbers: KeyIndex | undefined
  #undone = 0

  constructor(keyHash: KeyHash) {
    this.#keyHash = keyHash
  }

  get isEmpty(): boolean {
    return this.#answers.length === this.#undone
  }

  isKey(number: number, key: string): boolean {
    return this.#answers[number]?.key === key
  }

  /** Adds the newest answer of the work, which is the newest too; where the work is atomic, it can be undone. */
  addNewest(work: Work): void {
    const answer = work.answers.at(-1)
    if (answer === undefined) throw new TypeError('a unit without an answer')
    const number = this.#answers.push(answer) - 1
    this.#works.push(work)
    const numbers = (this.#numbers ??= new KeyIndex(
      this,
      this.#keyHash,
      UNITS_EXPECTED * work.unit.lines.length
    ))
    const hash = this.#keyHash.of(answer.key)
    const before = numbers.set(answer.key, number, hash)
    work.keyHashes.push(hash)
    if (!work.unit.atomic) return
    work.undo.push(() => {
      this.#answers[number] = undefined
      this.#undone += 1
      if (before !== undefined) numbers.set(answer.key, before)
    })
  }

  /** The answer as it will be remembered. */
  find(key: string): RememberedAnswer | undefined {
    const number = this.#numbers?.find(key)
    if (number === undefined) return undefined
    const [work, answer] = [this.#works[number], this.#answers[number]]
    if (work === undefined || answer === undefined) throw new TypeError(`no answer ${number}`)
    const { unit, unitId, events, logTime } = work
    const term = termOf(unitId, unit.at, answer.until, logTime)
    return RememberedAnswer.of({ id: unitId, at: unit.at, events }, answer, term)
  }
}
