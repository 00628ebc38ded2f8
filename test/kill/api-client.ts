import type { FeedPage } from '../../plugins/schemas/feed.ts'
import type { Health } from '../../plugins/schemas/health.ts'
import type { StockEvent, StockHistory } from '../../plugins/schemas/history.ts'
import type { StockPage, StockRecord } from '../../plugins/schemas/stock.ts'
import type { Answer } from './answers.ts'
import type { PlannedRequest } from './requests.ts'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** Speaks to the server at one address. */
export class ApiClient {
  readonly #url: string
  readonly #fetch: Fetch

  constructor(url: string, fetchBy: Fetch = fetch) {
    this.#url = url
    this.#fetch = fetchBy
  }

  /** Rejects where no whole answer came: nobody knows then what became of the request. */
  async send({ path, body, key }: PlannedRequest): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key })
    }
    const response = await this.#fetch(this.#url + path, { method: 'POST', headers, body })
    return {
      status: response.status,
      body: await response.text(),
      etag: response.headers.get('etag'),
      replayed: response.headers.get('idempotency-replayed') === 'true'
    }
  }

  /** One record; undefined where there is none. */
  async record(storeId: string, sku: string): Promise<StockRecord | undefined> {
    const path = `${inventoryPath(storeId)}/${encodeURIComponent(sku)}`
    const response = await this.#fetch(this.#url + path)
    const text = await response.text()
    if (response.status === 404) return undefined
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`)
    return JSON.parse(text) as StockRecord
  }

  /** All events of all records, each as the text of its own, in order. */
  async feed(): Promise<string[]> {
    const events: string[] = []
    for (;;) {
      const page = await this.#get<FeedPage>(`/v1/inventory/events?offset=${events.length + 1}&limit=1000`)
      events.push(...page.events.map((event) => JSON.stringify(event)))
      if (!page.hasMore) return events
    }
  }

  /** All records of a store. */
  async records(storeId: string): Promise<StockRecord[]> {
    const records: StockRecord[] = []
    let cursor: string | undefined
    do {
      const page = await this.#get<StockPage>(`${inventoryPath(storeId)}?${pageQuery(cursor)}`)
      records.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return records
  }

  /** A record's events, newest first, back to the one with this version. */
  async history(storeId: string, sku: string, downToVersion: number): Promise<StockEvent[]> {
    const events: StockEvent[] = []
    let cursor: string | undefined
    do {
      const path = `${inventoryPath(storeId)}/${encodeURIComponent(sku)}/events?${pageQuery(cursor)}`
      const page = await this.#get<StockHistory>(path)
      events.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== undefined && (events.at(-1)?.version ?? 0) > downToVersion)
    return events.filter(({ version }) => version >= downToVersion)
  }

  /** The number of events in the ledger. */
  async sequence(): Promise<number> {
    const { data } = await this.#get<Health>('/api/health')
    return data.ledger.sequence
  }

  async #get<Body>(path: string): Promise<Body> {
    const response = await this.#fetch(this.#url + path)
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`)
    return JSON.parse(text) as Body
  }
}

function inventoryPath(storeId: string): string {
  return `/api/inventory/stores/${encodeURIComponent(storeId)}/inventory`
}

function pageQuery(cursor: string | undefined): string {
  return cursor === undefined ? 'limit=1000' : `limit=1000&cursor=${cursor}`
}
