import { ClientTable, type ClientTableOptions } from './client-table.ts'
import { requirePositiveInteger, type Decision, type Limiter } from './limiter.ts'

export interface TokenBucketOptions extends ClientTableOptions {
  readonly requestsPerSecond: number
  /** How many requests a client that has been quiet may send at once. */
  readonly burst: number
}

// In thousandths of a request, of which as many come each millisecond as requests each second: all of it whole numbers.
interface Bucket {
  level: number
  at: number
}

const oneRequest = 1000

/**
 * A bucket of `burst` requests for each client, into which `requestsPerSecond` more come each second. In any t seconds a
 * client gets at most burst + requestsPerSecond × t requests, exactly.
 */
export class TokenBucketLimiter implements Limiter {
  readonly limit: number
  readonly rule: string
  readonly #rate: number
  readonly #capacity: number
  readonly #buckets: ClientTable<Bucket>

  constructor({ requestsPerSecond, burst, ...table }: TokenBucketOptions) {
    this.limit = requirePositiveInteger('burst', burst)
    this.rule = `${burst} at once and ${requestsPerSecond} a second from one address`
    this.#rate = requirePositiveInteger('requestsPerSecond', requestsPerSecond)
    this.#capacity = burst * oneRequest
    this.#buckets = new ClientTable<Bucket>(
      {
        create: (now) => ({ level: this.#capacity, at: now }),
        copy: (bucket) => ({ ...bucket }),
        isFresh: (bucket, now) => this.#levelOf(bucket, now) === this.#capacity
      },
      table
    )
  }

  /** How many buckets are held. */
  get size(): number {
    return this.#buckets.size
  }

  take(client: string, now: number): Decision {
    const bucket = this.#buckets.stateOf(client, now)
    const found = this.#levelOf(bucket, now)
    const allowed = found >= oneRequest
    bucket.level = allowed ? found - oneRequest : found
    bucket.at = now
    const remaining = Math.floor(bucket.level / oneRequest)
    const missing = (remaining + 1) * oneRequest - bucket.level
    return { allowed, limit: this.limit, remaining, resetMs: Math.ceil(missing / this.#rate) }
  }

  #levelOf({ level, at }: Bucket, now: number): number {
    return Math.min(this.#capacity, level + (now - at) * this.#rate)
  }
}
