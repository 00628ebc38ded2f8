import { ClientTable, type ClientTableOptions } from './client-table.ts'
import { requirePositiveInteger, type CountedClient, type Decision, type ListingLimiter } from './limiter.ts'
import { RequestLog } from './request-log.ts'

export interface SlidingWindowOptions extends ClientTableOptions {
  /** Whom the limit counts: each address, all of them together, or both, whichever is reached first. */
  readonly type: 'ip' | 'global' | 'both'
  readonly limit: number
  readonly windowMs: number
}

/** The most entries that a client's log has, but one. */
const logEntries = 128

/**
 * At most `limit` requests in any `windowMs`, wherever it begins.
 *
 * A log of requests is exact and needs memory for each of them; two counters, the elder weighted by how much of its
 * window is left, need next to none, but let nearly twice the limit through where requests come at the end of one window
 * and in step with the weight in the next. This is the log with at most 129 entries: limits of up to 128 are kept to the
 * millisecond. Above that, requests within a 128th of the window are one entry, which counts until the last of them has
 * left the window. So no window ever sees more than the limit, and the error is on the other side: a request may count
 * up to a 128th of the window too long, and who asks steadily for all of the limit gets at least 128 of 129 parts of it.
 */
export class SlidingWindowLimiter implements ListingLimiter {
  readonly limit: number
  readonly rule: string
  readonly #windowMs: number
  readonly #grainMs: number
  readonly #perAddress: ClientTable<RequestLog> | undefined
  readonly #together: RequestLog | undefined

  constructor({ type, limit, windowMs, ...table }: SlidingWindowOptions) {
    this.limit = requirePositiveInteger('limit', limit)
    this.rule = `${limit} in ${windowMs / 1000} s from ${senders[type]}`
    this.#windowMs = requirePositiveInteger('windowMs', windowMs)
    this.#grainMs = limit <= logEntries ? 0 : windowMs / logEntries
    if (type !== 'ip') this.#together = new RequestLog()
    if (type === 'global') return
    this.#perAddress = new ClientTable<RequestLog>(
      {
        create: () => new RequestLog(),
        copy: (log) => log.copy(),
        isFresh: ({ newest }, now) => newest === undefined || newest + windowMs <= now
      },
      table
    )
  }

  /** How many logs are held. */
  get size(): number {
    return (this.#perAddress?.size ?? 0) + (this.#together === undefined ? 0 : 1)
  }

  take(client: string, now: number): Decision {
    const own = this.#perAddress?.stateOf(client, now)
    const together = this.#together
    own?.forget(now - this.#windowMs)
    together?.forget(now - this.#windowMs)

    const allowed = countOf(own) < this.limit && countOf(together) < this.limit
    if (allowed) {
      own?.add(now, this.#grainMs)
      together?.add(now, this.#grainMs)
    }
    const count = Math.max(countOf(own), countOf(together))
    // Where both are as full, it takes both to let go.
    const resetAt = Math.max(this.#releaseAt(own, count), this.#releaseAt(together, count))
    return { allowed, limit: this.limit, remaining: this.limit - count, resetMs: resetAt - now }
  }

  clients(now: number, max = Infinity): CountedClient[] {
    const clients: CountedClient[] = []
    const add = (clientId: string, log: RequestLog): void => {
      log.forget(now - this.#windowMs)
      const { count, oldest } = log
      if (oldest === undefined) return
      clients.push({ clientId, requestCount: count, oldestAt: oldest, isBlocked: count >= this.limit })
    }
    if (this.#together !== undefined) add('global', this.#together)
    for (const [client, log] of this.#perAddress?.states() ?? []) add(client, log)
    return clients.sort((a, b) => b.requestCount - a.requestCount).slice(0, max)
  }

  #releaseAt(log: RequestLog | undefined, count: number): number {
    return log?.oldest === undefined || log.count < count ? 0 : log.oldest + this.#windowMs
  }
}

const senders = {
  ip: 'one address',
  global: 'all addresses together',
  both: 'one address and from all together'
} as const

function countOf(log: RequestLog | undefined): number {
  return log?.count ?? 0
}
