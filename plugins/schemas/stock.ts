import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import { Instant, Qty, ReservationId, Reserved, Sku, StoreId, Units, Version } from './values.ts'

const closed = { additionalProperties: false }

export const StockRecord = Type.Object(
  {
    storeId: StoreId,
    sku: Sku,
    qty: Qty,
    reserved: Reserved,
    version: Version,
    updatedAt: Instant('When the record last changed')
  },
  {
    $id: 'StockRecord',
    description: 'The stock of one SKU in one store. On hand is qty + reserved.',
    ...closed
  }
)

export const Reservation = Type.Object(
  {
    id: ReservationId,
    qty: Units,
    status: Type.Literal('open', { description: 'What a reservation is when it is made.' }),
    expiresAt: Type.Optional(Instant('When the reservation ends by itself'))
  },
  {
    $id: 'Reservation',
    description: 'Units held for someone until they are released or committed.',
    ...closed
  }
)

const outcome = {
  success: Type.Literal(true),
  newQuantity: Qty,
  newVersion: Version,
  record: reference(StockRecord)
}

export const StockResult = Type.Object(outcome, {
  $id: 'StockResult',
  description: 'The record after the change.',
  ...closed
})

export const ReservationResult = Type.Object(
  { ...outcome, reservation: reference(Reservation) },
  {
    $id: 'ReservationResult',
    description: 'The record after the change, and the new reservation.',
    ...closed
  }
)

export const StockPage = Type.Object(
  {
    items: Type.Array(reference(StockRecord)),
    nextCursor: Type.Optional(
      Type.String({ description: 'Where the next page starts; left out on the last.' })
    )
  },
  { $id: 'StockPage', description: 'Records of one store in the order of their SKUs.', ...closed }
)

export type StockRecord = Static<typeof StockRecord>
export type Reservation = Static<typeof Reservation>
export type StockResult = Static<typeof StockResult>
export type ReservationResult = Static<typeof ReservationResult>
export type StockPage = Static<typeof StockPage>
