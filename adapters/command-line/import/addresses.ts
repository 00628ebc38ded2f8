import type { Pace } from './pace.ts'

/** So long one that has failed is left alone: a server that was killed is back in a second or two. */
const REST_MS = 1000

/** The addresses of several servers on one ledger: each will do, so they take turns, and one that fails has a rest. */
export class Addresses {
  readonly #addresses: readonly { readonly url: URL; restsUntil: number }[]
  readonly #pace: Pace
  #turn = 0

  /** REQUIRES: there is at least one. */
  constructor(urls: readonly URL[], pace: Pace) {
    this.#addresses = urls.map((url) => ({ url, restsUntil: 0 }))
    this.#pace = pace
  }

  /** The next one that has no rest; where all have, the one whose rest ends first. */
  next(): URL {
    const now = this.#pace.now()
    const inTurn = [...this.#addresses.slice(this.#turn), ...this.#addresses.slice(0, this.#turn)]
    this.#turn = (this.#turn + 1) % this.#addresses.length
    const [first] = inTurn.sort((a, b) => Math.max(a.restsUntil, now) - Math.max(b.restsUntil, now))
    if (first === undefined) throw new RangeError('there is no address')
    return first.url
  }

  /** Notes that a request to it has come to nothing. */
  failed(url: URL): void {
    for (const address of this.#addresses) {
      if (address.url === url) address.restsUntil = this.#pace.now() + REST_MS
    }
  }
}
