import type { FeedPage } from '../../plugins/schemas/feed.ts'
import type { StockEvent } from '../../plugins/schemas/history.ts'

const event: StockEvent = {
  offset: 42,
  timestamp: '2026-01-15T09:30:00.000Z',
  eventType: 'inventory_updated',
  storeId: 'STORE001',
  productId: 'MUG-RED',
  version: 2,
  data: {
    type: 'adjusted',
    delta: -2,
    qty: 98,
    reserved: 0,
    storeId: 'central',
    idempotencyKey: 'till-7-20260115-0042'
  }
}

export const page: FeedPage = { events: [event], nextOffset: 43, hasMore: false, count: 1 }

export const nothingYet: FeedPage = { events: [], nextOffset: 43, hasMore: false, count: 0 }

export const stream = `: from offset 42\n\nid: 42\nevent: inventory_updated\ndata: ${JSON.stringify(event)}\n\n`
