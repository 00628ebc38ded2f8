interface Item {
  readonly carryOut: () => Promise<void>
  readonly fail: (reason: Error) => void
}

/** Pieces of work on the end of the log that wait until nobody else is at it. */
export class ExclusiveWork {
  #items: Item[] = []

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** Resolves to what the work comes to, or rejects with what it or `failAll` rejects with. */
  add<Value>(work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const carryOut = async (): Promise<void> => {
        try {
          resolve(await work())
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
          throw error
        }
      }
      this.#items.push({ carryOut, fail: reject })
    })
  }

  /** Does all that waits, one after the other. Rejects where one of them fails: then the end of the log is unsure. */
  async carryOut(): Promise<void> {
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) await item.carryOut()
  }

  /** Refuses all that waits. */
  failAll(reason: Error): void {
    for (const item of this.#items.splice(0)) item.fail(reason)
  }
}
