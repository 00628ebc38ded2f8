export interface CyclesOptions {
  /** One cycle; never rejects. */
  readonly cycle: () => Promise<void>
  /** Whether nothing waits for another cycle. */
  readonly isOver: () => boolean
  /** Resolves when all the requests that the present turn of the event loop brings have come. */
  readonly endOfTurn: () => Promise<void>
}

/** Cycle after cycle until nothing waits, one at a time. */
export class Cycles {
  readonly #options: CyclesOptions
  #underWay: Promise<void> | undefined

  constructor(options: CyclesOptions) {
    this.#options = options
  }

  /** The cycle that is under way. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay
  }

  /**
   * Runs cycles until nothing waits; the promise is that of the cycle that is under way. The first one begins at the
   * end of the present turn, so that it gathers all the requests that the turn brings; the others follow at once.
   */
  run(): Promise<void> {
    this.#underWay ??= this.#follow(this.#options.endOfTurn().then(() => this.#options.cycle()))
    return this.#underWay
  }

  #follow(cycle: Promise<void>): Promise<void> {
    return cycle.finally(() => {
      this.#underWay = this.#options.isOver() ? undefined : this.#follow(this.#options.cycle())
    })
  }
}
