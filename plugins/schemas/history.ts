import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import {
  Identifier,
  Instant,
  Name,
  Price,
  Qty,
  Reason,
  Reference,
  ReservationId,
  Reserved,
  Sku,
  Units,
  Version
} from './values.ts'

const closed = { additionalProperties: false }

const changeTypes = [
  'adjusted',
  'reserved',
  'extended',
  'released',
  'committed',
  'expired',
  'product_created',
  'product_modified',
  'product_deleted'
] as const

const eventTypes = ['inventory_updated', 'product_created', 'product_modified', 'product_deleted'] as const

export function EventType(description: string) {
  return Type.Unsafe<(typeof eventTypes)[number]>({
    type: 'string',
    enum: eventTypes,
    description,
    examples: ['inventory_updated']
  })
}

const Change = Type.Object(
  {
    type: Type.Unsafe<(typeof changeTypes)[number]>({
      type: 'string',
      enum: changeTypes,
      description: 'What happened.'
    }),
    delta: Type.Integer({ description: 'The change of qty.', examples: [-2] }),
    qty: Qty,
    reserved: Reserved,
    storeId: Type.Optional(
      Identifier('The store whose record changed, where another one asked for it.', 'central')
    ),
    reservationId: Type.Optional(ReservationId),
    units: Type.Optional(Units),
    expiresAt: Type.Optional(Instant('When the reservation ends by itself')),
    name: Type.Optional(Name),
    price: Type.Optional(Price),
    reason: Type.Optional(Reason),
    reference: Type.Optional(Reference),
    actor: Type.Optional(Type.String({ description: 'Who asked for it.' })),
    idempotencyKey: Type.Optional(Type.String({ description: 'The key under which it was asked for.' }))
  },
  { description: 'The quantities are those after the event.', ...closed }
)

export const StockEvent = Type.Object(
  {
    offset: Type.Integer({
      minimum: 1,
      description: 'Place in the ledger, from 1 without gaps.',
      examples: [42]
    }),
    timestamp: Instant('When it took effect'),
    eventType: EventType('What changed: the quantity of a record, or a product.'),
    storeId: Identifier(
      'The store that asked; its own record changed unless data.storeId says another.',
      'STORE001'
    ),
    productId: Sku,
    version: Version,
    data: Change
  },
  { $id: 'StockEvent', description: 'One change of one record.', ...closed }
)

export const StockHistory = Type.Object(
  {
    items: Type.Array(reference(StockEvent)),
    nextCursor: Type.Optional(
      Type.String({ description: 'Where older events start; left out on the last page.' })
    )
  },
  { $id: 'StockHistory', description: "A record's own events, newest first.", ...closed }
)

export type StockChange = Static<typeof Change>
export type StockEvent = Static<typeof StockEvent>
export type StockHistory = Static<typeof StockHistory>
