import { Type, type Static } from '@sinclair/typebox'
import {
  Cursor,
  Delta,
  ExpectedVersion,
  Limit,
  Reason,
  Reference,
  ReservationId,
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

export const ResolveRequest = Type.Object(
  { reservationId: ReservationId, qty: Type.Optional(Units) },
  { $id: 'ResolveRequest', description: 'qty is all that is still held where it is left out.', ...closed }
)

export type StoreParams = Static<typeof StoreParams>
export type RecordParams = Static<typeof RecordParams>
export type PageQuery = Static<typeof PageQuery>
export type AdjustRequest = Static<typeof AdjustRequest>
export type ReserveRequest = Static<typeof ReserveRequest>
export type ResolveRequest = Static<typeof ResolveRequest>
