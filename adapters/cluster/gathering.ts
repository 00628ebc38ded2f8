/** A process that can be asked for its figures: `ask` says under which number it is to answer. */
export interface Gathered {
  readonly name: number
  ask(id: number): void
}

export interface GatheringOptions {
  /** Those that are there. */
  readonly present: () => Iterable<Gathered>
  /** Calls back once after so many milliseconds, unless the function it returns was called before. */
  readonly timer: (delayMs: number, callback: () => void) => () => void
  /** Who has not answered by then is waited for no longer. */
  readonly patienceMs: number
}

interface Round {
  readonly missing: Set<number>
  readonly found: Map<number, unknown>
  readonly finish: () => void
}

/** Asks all processes of a cluster for what they have counted. */
export class Gathering {
  readonly #options: GatheringOptions
  readonly #rounds = new Map<number, Round>()
  #count = 0

  constructor(options: GatheringOptions) {
    this.#options = options
  }

  /** What each process that is there has answered, by its name; undefined for one that is late. */
  gather(): Promise<ReadonlyMap<number, unknown>> {
    this.#count += 1
    const id = this.#count
    const asked = [...this.#options.present()]
    const found = new Map<number, unknown>(asked.map(({ name }) => [name, undefined]))
    return new Promise((resolve) => {
      const cancel = this.#options.timer(this.#options.patienceMs, () => finish())
      const finish = (): void => {
        cancel()
        this.#rounds.delete(id)
        resolve(found)
      }
      this.#rounds.set(id, { missing: new Set(asked.map(({ name }) => name)), found, finish })
      for (const process of asked) process.ask(id)
      if (asked.length === 0) finish()
    })
  }

  /** Takes an answer; one that comes too late is passed over. */
  take(name: number, id: number, payload: unknown): void {
    const round = this.#rounds.get(id)
    if (round === undefined || !round.missing.delete(name)) return
    round.found.set(name, payload)
    if (round.missing.size === 0) round.finish()
  }

  /** No answer is to be had any more from a process that is gone. */
  forget(name: number): void {
    for (const round of [...this.#rounds.values()]) {
      round.found.delete(name)
      if (round.missing.delete(name) && round.missing.size === 0) round.finish()
    }
  }
}
