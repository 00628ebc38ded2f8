import { LRUCache } from 'lru-cache'
import { EventsGoneError, type Ledger } from '../../domain/ledger.ts'
import type { EventChunk } from './event-chunk.ts'
import { EventChunks } from './event-chunks.ts'
import { writePage, type FeedPage, type PageForm, type Run } from './page.ts'
import type { Time } from './time.ts'
import { keyOf, matcherOf, type EventFacts, type FeedQuery } from './query.ts'

const PAGES_BYTES_MAX = 16 * 1024 * 1024
/** What a filter leaves out is looked at too: so many events at most for one page. */
const SCANNED_PER_PAGE_MAX = 10_000
const SCANNED_AT_ONCE = 1000

export type FormedQuery = FeedQuery & { readonly form: PageForm }

interface KeptPage {
  readonly page: FeedPage
  /** The newest offset that it was made for. */
  readonly until: number
}

export interface PageReaderOptions {
  readonly ledger: Ledger
  readonly time: Time
  /** Told how long the process was kept busy with reading events, in milliseconds. */
  readonly charge: (milliseconds: number) => void
}

/** Makes pages of the feed. Who asks for the same page at the same time, or soon after, gets the same one. */
export class PageReader {
  readonly #ledger: Ledger
  readonly #chunks: EventChunks
  readonly #pages = new LRUCache<string, KeptPage>({
    maxSize: PAGES_BYTES_MAX,
    sizeCalculation: ({ page }) => page.body.length + 512
  })
  readonly #underWay = new Map<string, Promise<FeedPage>>()
  #look: Promise<void> | undefined
  #nextLook: Promise<void> | undefined

  constructor({ ledger, time, charge }: PageReaderOptions) {
    this.#ledger = ledger
    this.#chunks = new EventChunks({
      read: (first, limit) => ledger.readPrintable(first, limit),
      oldest: () => ledger.health().oldestSequence,
      now: time.now,
      charge
    })
  }

  /** The newest offset that is known here; another process may have written more. */
  get end(): number {
    return this.#ledger.health().sequence
  }

  /** Throws an EventsGoneError where the offset is no longer kept. */
  requireKept(offset: number): void {
    const { oldestSequence } = this.#ledger.health()
    if (offset < oldestSequence) throw new EventsGoneError(offset, oldestSequence)
  }

  /** Whether all that a page can hold or look at is known to be in the log. */
  covers(query: FeedQuery): boolean {
    return query.offset + reachOf(query) - 1 <= this.end
  }

  /**
   * The page, where it is at hand: one that is full, or that shows the log as it was when its newest offset was `until`.
   * Without `until` nobody has looked since the query came. Throws an EventsGoneError.
   */
  ready(query: FormedQuery, until: number | undefined): FeedPage | undefined {
    this.requireKept(query.offset)
    const kept = this.#pages.get(pageKey(query))
    if (kept?.page.isFull === true && kept.page.hasMore) return kept.page
    if (until === undefined) return undefined
    if (kept !== undefined && kept.until >= until) return kept.page
    if (query.offset <= until) return undefined
    const { offset: nextOffset } = query
    return writePage(query.form, [], { nextOffset, hasMore: this.end >= nextOffset, isFull: false })
  }

  /**
   * Makes the page that shows the log as it was when its newest offset was `until`; without `until`, as it is now. Rejects
   * as the ledger does.
   */
  async prepare(query: FormedQuery, until: number | undefined): Promise<FeedPage> {
    if (until === undefined && query.offset + reachOf(query) > this.end) await this.lookForEnd()
    const end = until ?? this.end
    const key = `${end} ${pageKey(query)}`
    let underWay = this.#underWay.get(key)
    if (underWay === undefined) {
      underWay = this.#make(query, end).finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, underWay)
    }
    return await underWay
  }

  /** Reads what a reader will ask for after a full page, so that it is there when it comes. */
  readAhead({ filter, limit }: FeedQuery, { nextOffset, hasMore }: FeedPage): void {
    if (!hasMore || matcherOf(filter) !== undefined) return
    const last = Math.min(this.end, nextOffset + limit - 1)
    if (this.#chunks.has(nextOffset, last)) return
    // Whoever asks for it will be told what is wrong with it.
    this.#chunks.covering(nextOffset, last).catch(() => undefined)
  }

  /**
   * Learns of whatever was written before the call, by any process. Calls that come while one looks share the next look:
   * the present one may have begun too early for them.
   */
  lookForEnd(): Promise<void> {
    if (this.#look === undefined) {
      // Linearizable, as every read; only that it looks is wanted.
      const looking = this.#ledger.read(this.end + 1, 0).then(() => undefined)
      this.#look = looking.finally(() => (this.#look = undefined))
      return this.#look
    }
    this.#nextLook ??= this.#look
      .catch(() => undefined)
      .then(() => {
        this.#nextLook = undefined
        return this.lookForEnd()
      })
    return this.#nextLook
  }

  async #make(query: FormedQuery, until: number): Promise<FeedPage> {
    const matches = matcherOf(query.filter)
    const { runs, nextOffset } =
      matches === undefined
        ? await this.#take(query, Math.min(until, query.offset + query.limit - 1))
        : await this.#search(query, until, matches)
    const isLimited = matches !== undefined && runs.length >= query.limit
    const isFull = isLimited || nextOffset - query.offset >= reachOf(query)
    const page = writePage(query.form, runs, { nextOffset, hasMore: this.end >= nextOffset, isFull })
    this.#pages.set(pageKey(query), { page, until })
    return page
  }

  async #take({ offset }: FeedQuery, last: number): Promise<{ runs: Run[]; nextOffset: number }> {
    const chunks = offset > last ? [] : await this.#chunks.covering(offset, last)
    return {
      runs: chunks.map((chunk) => within(chunk, offset, last)),
      nextOffset: Math.max(offset, last + 1)
    }
  }

  async #search(
    { offset, limit }: FeedQuery,
    until: number,
    matches: (event: EventFacts) => boolean
  ): Promise<{ runs: Run[]; nextOffset: number }> {
    const runs: Run[] = []
    const scanEnd = Math.min(until, offset + SCANNED_PER_PAGE_MAX - 1)
    let next = offset
    while (next <= scanEnd && runs.length < limit) {
      const last = Math.min(scanEnd, next + SCANNED_AT_ONCE - 1)
      for (const chunk of await this.#chunks.covering(next, last)) {
        const { last: lastHere } = within(chunk, next, last)
        for (; next <= lastHere && runs.length < limit; next += 1) {
          if (matches(chunk.facts(next))) runs.push({ chunk, first: next, last: next })
        }
      }
    }
    return { runs, nextOffset: next }
  }
}

/** How many offsets a page goes on at most. */
function reachOf({ limit, filter }: FeedQuery): number {
  return matcherOf(filter) === undefined ? limit : SCANNED_PER_PAGE_MAX
}

function pageKey(query: FormedQuery): string {
  return `${query.form} ${keyOf(query)}`
}

function within(chunk: EventChunk, first: number, last: number): Run {
  return { chunk, first: Math.max(first, chunk.first), last: Math.min(last, chunk.last) }
}
