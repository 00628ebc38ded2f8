import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import {
  Instant,
  Qty,
  Reason,
  Reference,
  ReservationId,
  Reserved,
  Sku,
  StoreId,
  Units,
  Version
} from './values.ts'

const closed = { additionalProperties: false }

const Change = Type.Object(
  {
    type: Type.Unsafe<'adjusted' | 'reserved' | 'released' | 'committed' | 'expired'>({
      type: 'string',
      enum: ['adjusted', 'reserved', 'released', 'committed', 'expired'],
      description: 'What happened.'
    }),
    delta: Type.Integer({ description: 'The change of qty.', examples: [-2] }),
    qty: Qty,
    reserved: Reserved,
    reservationId: Type.Optional(ReservationId),
    units: Type.Optional(Units),
    expiresAt: Type.Optional(Instant('When the reservation ends by itself')),
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
    eventType: Type.Literal('inventory_updated'),
    storeId: StoreId,
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

export type StockEvent = Static<typeof StockEvent>
export type StockHistory = Static<typeof StockHistory>
