import { limitedApis, type LimitedApi } from './limited-api.ts'
import type { LimitQuestion, ListedClient, Taken } from './limit-desk.ts'
import type { CountedClient, Decision, Limiter } from './limiter.ts'
import type { Limiters } from './options.ts'

export interface SharedLimitersOptions {
  /** The limits that all processes share; here they only say what they are. */
  readonly limits: Limiters
  /** What this process lets in by itself, while nobody answers. */
  readonly share: Limiters
  /** Asks whoever counts for all processes. */
  readonly ask: (question: LimitQuestion) => Promise<unknown>
  /** Calls back once after so many milliseconds, unless the function it returns was called before. */
  readonly timer: (delayMs: number, callback: () => void) => () => void
  /** How long requests wait for an answer. */
  readonly patienceMs: number
  /** Told whenever this process begins to decide by itself. */
  readonly onAlone: () => void
}

interface Waiting {
  readonly api: LimitedApi
  readonly client: string
  readonly now: number
  readonly resolve: (decision: Decision) => void
}

/**
 * The limits of a process that shares them with others. The requests of one turn of the event loop are one question.
 * Where it is not answered in time this process decides by itself, on its share, until answers come again.
 */
export function sharedLimiters(options: SharedLimitersOptions): Limiters {
  const questions = new Questions(options)
  const limiterOf = (api: LimitedApi): Limiter => {
    const { limit, rule } = options.limits[api]
    return { limit, rule, take: (client, now) => questions.take(api, client, now) }
  }
  return {
    store: limiterOf('store'),
    administration: limiterOf('administration'),
    central: { ...limiterOf('central'), clients: (now, max) => questions.clients(now, max) }
  }
}

class Questions {
  readonly #options: SharedLimitersOptions
  #waiting: Waiting[] = []
  /** Questions that are not answered, though they should be. */
  #late = 0

  constructor(options: SharedLimitersOptions) {
    this.#options = options
  }

  take(api: LimitedApi, client: string, now: number): Decision | Promise<Decision> {
    if (this.#late > 0) return this.#alone({ api, client, now })
    return new Promise((resolve) => {
      this.#waiting.push({ api, client, now, resolve })
      if (this.#waiting.length === 1) setImmediate(() => void this.#askNow())
    })
  }

  async clients(now: number, max: number): Promise<CountedClient[]> {
    const { ask, share } = this.#options
    if (this.#late > 0) return await share.central.clients(now, max)
    const answer = await this.#inTime(ask({ busiest: max }))
    if (!Array.isArray(answer)) return await share.central.clients(now, max)
    return (answer as ListedClient[]).map(({ agoMs, ...client }) => ({ ...client, oldestAt: now - agoMs }))
  }

  async #askNow(): Promise<void> {
    const asked = this.#waiting
    this.#waiting = []
    const takes = asked.map(({ api, client }): [number, string] => [limitedApis.indexOf(api), client])
    const taken = (await this.#inTime(this.#options.ask({ takes }))) as Taken | undefined
    for (const [index, one] of asked.entries()) {
      const decided = taken?.[index]
      one.resolve(decided === undefined ? this.#alone(one) : this.#decision(one.api, decided))
    }
  }

  /** The answer; undefined where there is none in time. Until it comes all the same, nobody waits for another one. */
  #inTime(answer: Promise<unknown>): Promise<unknown> {
    const { timer, patienceMs, onAlone } = this.#options
    return new Promise((resolve) => {
      let isLate = false
      const cancel = timer(patienceMs, () => {
        isLate = true
        if (this.#late === 0) onAlone()
        this.#late += 1
        resolve(undefined)
      })
      const settle = (value?: unknown): void => {
        cancel()
        if (isLate) this.#late -= 1
        resolve(value)
      }
      answer.then(settle, () => {
        onAlone()
        settle()
      })
    })
  }

  #alone({ api, client, now }: Omit<Waiting, 'resolve'>): Decision {
    const { share, limits } = this.#options
    const decision = share[api].take(client, now)
    if (decision instanceof Promise) throw new TypeError('a share is counted in this process')
    return { ...decision, limit: limits[api].limit }
  }

  #decision(api: LimitedApi, [allowed, remaining, resetMs]: Taken[number]): Decision {
    return { allowed, limit: this.#options.limits[api].limit, remaining, resetMs }
  }
}
