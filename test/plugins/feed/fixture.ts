import { MemoryLedger, type MemoryLedgerOptions } from '../../../adapters/memory/memory-ledger.ts'
import { Feed } from '../../../plugins/feed/feed.ts'
import type { FeedPage } from '../../../plugins/feed/page.ts'
import type { FeedFilter } from '../../../plugins/feed/query.ts'
import type { FeedPage as Page } from '../../../plugins/schemas/feed.ts'
import { ManualTime } from './manual-time.ts'

/** A ledger that counts what the feed asks of it. */
export class WatchedLedger extends MemoryLedger {
  reads = 0
  waits = 0
  waiting = 0

  override async read(from: number, limit: number) {
    if (limit > 0) this.reads += 1
    return super.read(from, limit)
  }

  override async waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    this.waits += 1
    this.waiting += 1
    try {
      await super.waitFor(sequence, signal)
    } finally {
      this.waiting -= 1
    }
  }
}

export interface Asked {
  page?: FeedPage
  error?: unknown
  readonly forget: () => void
}

export interface Question {
  readonly offset?: number
  readonly limit?: number
  readonly waitMs?: number
  readonly filter?: FeedFilter
}

/** A feed over a memory ledger, its time in the hand of the test. */
export function feedFixture(options: MemoryLedgerOptions = {}) {
  const ledger = new WatchedLedger(options)
  const time = new ManualTime()
  const feed = new Feed({ ledger, time, heartbeatMs: 20_000, limits: { perClientMax: 1000, max: 1000 } })

  const ask = ({ offset = 1, limit = 100, waitMs = 0, filter = {} }: Question = {}): Asked => {
    const answered: { page?: FeedPage; error?: unknown } = {}
    const forget = feed.ask(
      { offset, limit, waitMs, filter },
      {
        answer: (page) => {
          if (answered.page !== undefined) throw new Error('answered twice')
          answered.page = page
        },
        fail: (error) => (answered.error = error)
      }
    )
    return Object.assign(answered, { forget })
  }

  /** Lets everything happen that needs no time. */
  const settle = async (milliseconds = 0): Promise<void> => {
    time.advance(milliseconds)
    for (let turn = 0; turn < 10; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      time.advance(0)
    }
  }

  /** Writes an event each. */
  const write = async (...skus: string[]): Promise<void> => {
    for (const sku of skus) {
      await ledger.execute({
        at: time.now(),
        atomic: false,
        lines: [{ command: { type: 'adjust', storeId: 'S', sku, delta: 1 } }]
      })
    }
  }

  return { ledger, time, feed, ask, settle, write }
}

export function parsed(page: FeedPage | undefined): Page {
  if (page === undefined) throw new Error('there was no answer')
  return JSON.parse(page.body.toString()) as Page
}

/** Offset and SKU of each event. */
export function inShort(page: FeedPage | undefined): string[] {
  return parsed(page).events.map(({ offset, productId }) => `${offset} ${productId}`)
}
