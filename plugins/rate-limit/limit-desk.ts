import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { limitedApis } from './limited-api.ts'
import type { CountedClient, Decision } from './limiter.ts'
import type { Limiters } from './options.ts'
import { steadyClock } from './steady-clock.ts'

/** The topic under which the processes of a cluster ask for their limits. */
export const limitsTopic = 'rate-limits'

const Takes = Type.Object({
  /** An API, by its place in `limitedApis`, and a client, for each request. */
  takes: Type.Array(
    Type.Tuple([Type.Integer({ minimum: 0, maximum: limitedApis.length - 1 }), Type.String()])
  )
})
const Listing = Type.Object({ busiest: Type.Integer({ minimum: 1 }) })
const takesCheck = TypeCompiler.Compile(Takes)
const listingCheck = TypeCompiler.Compile(Listing)

/** What one process asks. */
export type LimitQuestion = Static<typeof Takes> | Static<typeof Listing>

/** Whether it is allowed, how many more are, and when there are more: one for each request, in order. */
export type Taken = readonly (readonly [allowed: boolean, remaining: number, resetMs: number])[]

/** A client of the central API; `agoMs` is how long ago its oldest request came that counts. */
export type ListedClient = Omit<CountedClient, 'oldestAt'> & { readonly agoMs: number }

/** Decides for all processes of a cluster, by one clock and with one count. */
export class LimitDesk {
  readonly #limiters: Limiters
  readonly #now: () => number

  /** `now` is in milliseconds since the epoch. */
  constructor(limiters: Limiters, now: () => number) {
    this.#limiters = limiters
    this.#now = steadyClock(now)
  }

  /** Throws a TypeError for what is no question. */
  async answer(question: unknown): Promise<Taken | ListedClient[]> {
    const now = this.#now()
    if (takesCheck.Check(question)) {
      return await Promise.all(question.takes.map(([api, client]) => this.#take(api, client, now)))
    }
    if (!listingCheck.Check(question)) throw new TypeError('this is no question about limits')
    const clients = await this.#limiters.central.clients(now, question.busiest)
    return clients.map(({ oldestAt, ...client }) => ({ ...client, agoMs: now - oldestAt }))
  }

  async #take(api: number, client: string, now: number): Promise<Taken[number]> {
    const name = limitedApis[api]
    if (name === undefined) throw new TypeError(`there is no limit ${api}`)
    const { allowed, remaining, resetMs }: Decision = await this.#limiters[name].take(client, now)
    return [allowed, remaining, resetMs]
  }
}
