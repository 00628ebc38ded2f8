import type { FeedPage } from '../../plugins/schemas/feed.ts'
import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { Product, ProductPage } from '../../plugins/schemas/products.ts'
import type { StockPage } from '../../plugins/schemas/stock.ts'

export interface FollowedRecord {
  readonly storeId: string
  readonly sku: string
  readonly qty: number
  readonly reserved: number
  readonly version: number
}

type FollowedProduct = Pick<Product, 'productId' | 'name' | 'price'>

/** What is known of a record or of a product, or that it was deleted, as of a version. */
interface Known<Value> {
  readonly version: number
  readonly value: Value | undefined
}

/** An answer of the service that is none to go on with. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
}

export interface FollowerOptions {
  /** Where the service listens now. */
  readonly url: () => Promise<string> | string
  /** The stores whose records it reads where it cannot begin at the first event. */
  readonly stores: readonly string[]
  readonly centralStoreId: string
  /** Events of a page. */
  readonly limit: number
}

/**
 * Keeps a copy of all records from nothing but the feed; where the feed no longer has the beginning, from the lists of
 * products and records and the feed from there on.
 */
export class Follower {
  readonly #options: FollowerOptions
  readonly #records = new Map<string, Known<FollowedRecord>>()
  readonly #products = new Map<string, Known<FollowedProduct>>()
  #offset = 0
  #restarts = 0
  /** Whether it has seen every event, so that no version may be missing. */
  #isComplete = true

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** The offset that it asks for next. */
  get offset(): number {
    return this.#offset
  }

  /** How often it had to begin with the lists. */
  get restarts(): number {
    return this.#restarts
  }

  /** The records that exist, in no particular order. */
  get records(): FollowedRecord[] {
    return [...this.#records.values()].flatMap(({ value }) => value ?? [])
  }

  get products(): FollowedProduct[] {
    return [...this.#products.values()].flatMap(({ value }) => value ?? [])
  }

  /**
   * Takes one page; waits up to `waitSeconds` for one. Returns whether there was more. Rejects where no answer comes or
   * what comes cannot be right; it can be asked again then.
   */
  async takePage(waitSeconds = 0): Promise<boolean> {
    const query = `offset=${this.#offset}&limit=${this.#options.limit}&wait=${waitSeconds}`
    const { status, body } = await this.#get(`/v1/inventory/events?${query}`)
    if (status === 410) {
      await this.#startFromLists()
      return true
    }
    if (status !== 200) throw new UnexpectedAnswerError(JSON.stringify(body))
    const { events, nextOffset, hasMore, count } = body as FeedPage
    const first = Math.max(1, this.#offset)
    for (const [index, { offset }] of events.entries()) {
      if (offset !== first + index) throw new UnexpectedAnswerError(`${offset} instead of ${first + index}`)
    }
    if (nextOffset !== first + events.length || count !== events.length) {
      throw new UnexpectedAnswerError(`${count} events from ${first} on, and then ${nextOffset}`)
    }
    for (const event of events) this.#apply(event)
    this.#offset = nextOffset
    return hasMore
  }

  /** The lists show the records as they are at some time after the first page; the feed from there on brings the rest. */
  async #startFromLists(): Promise<void> {
    this.#restarts += 1
    this.#isComplete = false
    this.#records.clear()
    this.#products.clear()
    const [firstPage, ...pages] = await this.#pages<ProductPage>('/v1/inventory?limit=100')
    for (const { items } of [firstPage as ProductPage, ...pages]) {
      for (const { productId, name, price, version } of items) {
        this.#products.set(productId, { version, value: { productId, name, price } })
      }
    }
    for (const store of this.#options.stores) {
      const path = `/api/inventory/stores/${encodeURIComponent(store)}/inventory?limit=1000`
      for (const { items } of await this.#pages<StockPage>(path)) {
        for (const { storeId, sku, qty, reserved, version } of items) {
          this.#records.set(nameOf(storeId, sku), {
            version,
            value: { storeId, sku, qty, reserved, version }
          })
        }
      }
    }
    this.#offset = (firstPage as ProductPage).offset + 1
  }

  async #pages<Page extends { readonly nextCursor?: string }>(path: string): Promise<Page[]> {
    const pages: Page[] = []
    let cursor = ''
    do {
      const { status, body } = await this.#get(path + cursor)
      if (status !== 200) throw new UnexpectedAnswerError(JSON.stringify(body))
      const page = body as Page
      pages.push(page)
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`
    } while (cursor !== '')
    return pages
  }

  #apply({ productId, storeId: asking, version, eventType, data }: StockEvent): void {
    const storeId = data.storeId ?? asking
    const key = nameOf(storeId, productId)
    const record = { storeId, sku: productId, qty: data.qty, reserved: data.reserved, version }
    const isDeleted = eventType === 'product_deleted'
    this.#learn(this.#records, key, { version, value: isDeleted ? undefined : record })
    if (storeId !== this.#options.centralStoreId) return
    const { name: nameNow = productId, price: priceNow = 0 } = this.#products.get(productId)?.value ?? {}
    const { name = nameNow, price = priceNow } = data
    const product = isDeleted ? undefined : { productId, name, price }
    this.#learn(this.#products, productId, { version, value: product })
  }

  /** Takes what is newer than what is known; who has seen everything misses no version. */
  #learn<Value>(known: Map<string, Known<Value>>, key: string, news: Known<Value>): void {
    const { version } = known.get(key) ?? { version: 0 }
    if (news.version > version + 1 && (this.#isComplete || version > 0)) {
      throw new UnexpectedAnswerError(`${key}: version ${news.version} follows ${version}`)
    }
    if (news.version > version) known.set(key, news)
  }

  async #get(path: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch((await this.#options.url()) + path)
    return { status: response.status, body: await response.json() }
  }
}

function nameOf(storeId: string, sku: string): string {
  return JSON.stringify([storeId, sku])
}
