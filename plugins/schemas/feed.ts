import { Type, type Static } from '@sinclair/typebox'
import { EventType, StockEvent } from './history.ts'
import { reference } from './reference.ts'
import { Identifier, Limit, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }

export const FeedQuery = Type.Object(
  {
    offset: WholeNumber(0, 'The first offset that is wanted; 0 is the beginning, as 1 is.', {
      examples: [1]
    }),
    limit: Type.Optional(Limit),
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 60,
        default: 0,
        description: 'Seconds to wait for an event where there is none yet.'
      })
    ),
    storeId: Type.Optional(
      Identifier('Only events of this store: those of its records and those that it asked for.', 'STORE001')
    ),
    productId: Type.Optional(Identifier('Only events of this product or SKU.', 'MUG-RED')),
    eventType: Type.Optional(EventType('Only events of this type.'))
  },
  closed
)

export const FeedPage = Type.Object(
  {
    events: Type.Array(reference(StockEvent)),
    nextOffset: WholeNumber(1, 'The offset to ask for next; past events that the filters left out.', {
      examples: [43]
    }),
    hasMore: Type.Boolean({ description: 'Whether there are events from nextOffset on already.' }),
    count: WholeNumber(0, 'How many events these are.', { examples: [1] })
  },
  { $id: 'FeedPage', description: 'Events of all records in the order in which they took effect.', ...closed }
)

export type FeedQuery = Static<typeof FeedQuery>
export type FeedPage = Static<typeof FeedPage>
