/**
 * The requests of the last window, the oldest first. Requests that come within `grainMs` of each other are one entry,
 * which counts until the last of them has left the window.
 */
export class RequestLog {
  /** How many requests count. */
  count = 0
  readonly #lasts: number[] = []
  readonly #counts: number[] = []
  #newestFirst = 0

  /** How many entries it has, which is what its memory grows with. */
  get entryCount(): number {
    return this.#lasts.length
  }

  /** When the oldest request that counts came; undefined without any. */
  get oldest(): number | undefined {
    return this.#lasts[0]
  }

  /** When the newest request came; undefined where none counts. */
  get newest(): number | undefined {
    return this.#lasts.at(-1)
  }

  /** Forgets what came at this time or before it. */
  forget(until: number): void {
    let gone = 0
    for (let last = this.#lasts[gone]; last !== undefined && last <= until; last = this.#lasts[gone]) {
      this.count -= this.#counts[gone] ?? 0
      gone++
    }
    if (gone === 0) return
    this.#lasts.splice(0, gone)
    this.#counts.splice(0, gone)
  }

  add(now: number, grainMs: number): void {
    this.count++
    const newest = this.#lasts.length - 1
    if (newest >= 0 && now - this.#newestFirst <= grainMs) {
      this.#lasts[newest] = now
      this.#counts[newest] = (this.#counts[newest] ?? 0) + 1
      return
    }
    this.#lasts.push(now)
    this.#counts.push(1)
    this.#newestFirst = now
  }

  copy(): RequestLog {
    const copy = new RequestLog()
    copy.count = this.count
    copy.#lasts.push(...this.#lasts)
    copy.#counts.push(...this.#counts)
    copy.#newestFirst = this.#newestFirst
    return copy
  }
}
