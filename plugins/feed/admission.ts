import { loadSheddingError, rateLimitError } from '../errors/api-error.ts'

export interface AdmissionLimits {
  /** Requests of one client that may wait, or be streams, at once. */
  readonly perClientMax: number
  /** Those of all clients. */
  readonly max: number
}

const retryAfterSeconds = 1

/** Bounds how many requests hold a connection while nothing happens, for each client and in all. */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #byClient = new Map<string, number>()
  #all = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Lets one in; the returned function lets it out again. Throws the error to answer where there are too many. */
  enter(client: string): () => void {
    const { perClientMax, max } = this.#limits
    const own = this.#byClient.get(client) ?? 0
    if (own >= perClientMax) {
      throw rateLimitError(`${own} requests of yours wait for events already`, retryAfterSeconds)
    }
    if (this.#all >= max) throw loadSheddingError('Too many requests wait for events', retryAfterSeconds)
    this.#byClient.set(client, own + 1)
    this.#all += 1
    return () => this.#leave(client)
  }

  #leave(client: string): void {
    const left = (this.#byClient.get(client) ?? 0) - 1
    this.#all -= 1
    if (left > 0) this.#byClient.set(client, left)
    else this.#byClient.delete(client)
  }
}
