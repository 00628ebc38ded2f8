import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import {
  Instant,
  Qty,
  ReservationId,
  reservationStatuses,
  Reserved,
  Sku,
  StoreId,
  Units,
  Version
} from './values.ts'

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
    status: Type.Literal('open', { description: 'What a reservation is when it is made or extended.' }),
    expiresAt: Type.Optional(Instant('When the reservation ends by itself'))
  },
  {
    $id: 'Reservation',
    description: 'Units held for someone until they are released or committed.',
    ...closed
  }
)

export const ReservationReading = Type.Object(
  {
    storeId: StoreId,
    sku: Sku,
    id: ReservationId,
    status: Type.Unsafe<(typeof reservationStatuses)[number]>({
      type: 'string',
      enum: reservationStatuses,
      description: 'open as long as it holds units, else what became of the last ones.'
    }),
    qty: Type.Integer({
      minimum: 1,
      description: 'The units that it holds; of one that has ended the last ones that it held.',
      examples: [5]
    }),
    expiresAt: Type.Optional(Instant('When an open one ends by itself; left out where it never does')),
    endedAt: Type.Optional(Instant('When it ended; left out as long as it is open'))
  },
  { $id: 'ReservationReading', description: 'A reservation as it is now.', ...closed }
)

export const ReservationList = Type.Object(
  {
    items: Type.Array(reference(ReservationReading)),
    nextCursor: Type.Optional(
      Type.String({ description: 'Where the next page starts; left out on the last.' })
    )
  },
  {
    $id: 'ReservationList',
    description:
      'Open ones in the order of their SKUs and ids (UTF-16 code units), ended ones with the newest first.',
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
    description: 'The record after the change, and the reservation.',
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
export type ReservationReading = Static<typeof ReservationReading>
export type ReservationList = Static<typeof ReservationList>
export type StockPage = Static<typeof StockPage>
