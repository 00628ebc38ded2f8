import { Type, type Static } from '@sinclair/typebox'
import {
  Cursor,
  Delta,
  ExpectedVersion,
  ExtensionMs,
  Limit,
  Reason,
  Reference,
  ReservationId,
  ReservationStatus,
  Sku,
  StoreId,
  TtlMs,
  Units
} from './values.ts'

const closed = { additionalProperties: false }

export const StoreParams = Type.Object({ storeId: StoreId }, closed)
export const RecordParams = Type.Object({ storeId: StoreId, sku: Sku }, closed)
export const PageQuery = Type.Object({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }, closed)

export const AdjustRequest = Type.Object(
  {
    delta: Delta,
    expectedVersion: Type.Optional(ExpectedVersion),
    reason: Type.Optional(Reason),
    reference: Type.Optional(Reference)
  },
  { $id: 'AdjustRequest', ...closed }
)

export const ReserveRequest = Type.Object(
  {
    qty: Units,
    expectedVersion: Type.Optional(ExpectedVersion),
    ttlMs: Type.Optional(TtlMs),
    reference: Type.Optional(Reference)
  },
  { $id: 'ReserveRequest', ...closed }
)

export const ExtendRequest = Type.Object(
  { ttlMs: ExtensionMs, expectedVersion: Type.Optional(ExpectedVersion) },
  { $id: 'ExtendRequest', ...closed }
)

export const ReservationParams = Type.Object(
  { storeId: StoreId, sku: Sku, reservationId: ReservationId },
  closed
)
const page = { limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }
export const RecordReservationsQuery = Type.Object(
  { status: Type.Optional(ReservationStatus), ...page },
  closed
)
export const StoreReservationsQuery = Type.Object(
  { status: Type.Optional(ReservationStatus), sku: Type.Optional(Sku), ...page },
  closed
)

export const ResolveRequest = Type.Object(
  { reservationId: ReservationId, qty: Type.Optional(Units) },
  { $id: 'ResolveRequest', description: 'qty is all that is still held where it is left out.', ...closed }
)

export type StoreParams = Static<typeof StoreParams>
export type RecordParams = Static<typeof RecordParams>
export type PageQuery = Static<typeof PageQuery>
export type AdjustRequest = Static<typeof AdjustRequest>
export type ReserveRequest = Static<typeof ReserveRequest>
export type ExtendRequest = Static<typeof ExtendRequest>
export type ReservationParams = Static<typeof ReservationParams>
export type RecordReservationsQuery = Static<typeof RecordReservationsQuery>
export type StoreReservationsQuery = Static<typeof StoreReservationsQuery>
export type ResolveRequest = Static<typeof ResolveRequest>
