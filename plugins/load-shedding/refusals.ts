/** So many are answered in every turn, which callers that come now and then do not notice. */
const turnMs = 20
const answeredPerTurn = 10
/** Where so many wait that it would take more turns than this, more are answered in one: most wait two seconds at most. */
const turnsMax = 100

/** Calls back after so many milliseconds. */
export type Timer = (delayMs: number, callback: () => void) => void

/**
 * Answers those who are turned away no faster than a server can afford that has too much to do already. Reading a request
 * and refusing it costs a good part of what serving it does, and who is refused at once asks again at once: a server
 * that refuses all it can has no time left for what it has let in. Whoever waits to be refused sends nothing meanwhile.
 */
export class Refusals {
  readonly #timer: Timer
  #waiting: (() => void)[] = []
  #answered = 0
  #isScheduled = false
  #isOver = false

  constructor(timer: Timer) {
    this.#timer = timer
  }

  /** Those who wait to be told. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Refuses when it is its turn, at once where few are refused; in the order in which they came. */
  add(refuse: () => void): void {
    if (this.#isOver || (this.#answered < answeredPerTurn && this.#waiting.length === 0)) {
      this.#answered += 1
      refuse()
    } else {
      this.#waiting.push(refuse)
    }
    this.#schedule()
  }

  /** Refuses all that wait, and lets nobody wait any more. */
  end(): void {
    this.#isOver = true
    for (const refuse of this.#waiting.splice(0)) refuse()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isOver) return
    this.#isScheduled = true
    this.#timer(turnMs, () => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    const count = Math.max(answeredPerTurn, Math.ceil(this.#waiting.length / turnsMax))
    const due = this.#waiting.splice(0, count)
    this.#answered = due.length
    for (const refuse of due) refuse()
    if (due.length > 0) this.#schedule()
  }
}
