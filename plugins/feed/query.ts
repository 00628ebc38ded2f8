/** What a reader of the feed asks for; only events that fit all that is named. */
export interface FeedFilter {
  /** The store whose record changed, or that asked for it. */
  readonly storeId?: string | undefined
  readonly productId?: string | undefined
  readonly eventType?: string | undefined
}

export interface FeedQuery {
  /** The first offset, from 1. */
  readonly offset: number
  /** The most events of a page. */
  readonly limit: number
  readonly filter: FeedFilter
}

/** What a filter looks at. */
export interface EventFacts {
  readonly eventType: string
  /** The store that asked. */
  readonly storeId: string
  /** The store whose record changed. */
  readonly recordStoreId: string
  readonly productId: string
}

/** The filter as a function; undefined where it lets everything pass. */
export function matcherOf(filter: FeedFilter): ((event: EventFacts) => boolean) | undefined {
  const { storeId, productId, eventType } = filter
  if (storeId === undefined && productId === undefined && eventType === undefined) return undefined
  return (event) =>
    (productId === undefined || event.productId === productId) &&
    (storeId === undefined || event.storeId === storeId || event.recordStoreId === storeId) &&
    (eventType === undefined || event.eventType === eventType)
}

/** The same for two queries exactly where they ask for the same. */
export function keyOf({ offset, limit, filter }: FeedQuery): string {
  const { storeId, productId, eventType } = filter
  const plain = `${offset} ${limit}`
  if (storeId === undefined && productId === undefined && eventType === undefined) return plain
  return `${plain} ${JSON.stringify([storeId, productId, eventType])}`
}
