import type { FastifyBaseLogger } from 'fastify'

const QUIET_MS = 1000

interface Told {
  readonly at: number
  /** Those that came since then, of whom nothing was said. */
  untold: number
}

/**
 * Says in the log who was turned away: the first for each reason, and for a second after it nobody. While a disk is full
 * every write is, and as many lines would fill the next one.
 */
export class TurnedAway {
  readonly #now: () => number
  readonly #told = new Map<string, Told>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** `code` is one of few. The next line for it has the number of those that are left out. */
  tell(log: FastifyBaseLogger, thrown: unknown, code: string): void {
    const at = this.#now()
    const last = this.#told.get(code)
    // A clock may have jumped either way.
    if (last !== undefined && Math.abs(at - last.at) < QUIET_MS) {
      last.untold += 1
      return
    }
    log.warn({ err: thrown, ...(last !== undefined && { untold: last.untold }) }, 'turned away')
    this.#told.set(code, { at, untold: 0 })
  }
}
