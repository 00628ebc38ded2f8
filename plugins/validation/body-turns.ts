interface Waiting {
  readonly bytes: number
  readonly begin: () => void
}

/** Turns for bodies, in the order in which they came: so many bytes of them at once, and one body in any case. */
export class BodyTurns {
  readonly #bytesMax: number
  readonly #waiting: Waiting[] = []
  #bytesTaken = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Has the turn begin, now or when those before it have left. Whoever begins has to leave, with as many bytes. */
  enter(bytes: number, begin: () => void): void {
    this.#waiting.push({ bytes, begin })
    this.#beginNext()
  }

  leave(bytes: number): void {
    this.#bytesTaken -= bytes
    this.#beginNext()
  }

  #beginNext(): void {
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined) return
      if (this.#bytesTaken > 0 && this.#bytesTaken + next.bytes > this.#bytesMax) return
      this.#waiting.shift()
      this.#bytesTaken += next.bytes
      next.begin()
    }
  }
}
