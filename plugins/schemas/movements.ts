import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import { Reservation } from './stock.ts'
import {
  Delta,
  ExpectedVersion,
  LineKey,
  Qty,
  Reason,
  Reference,
  ReservationId,
  Sku,
  StoreId,
  TtlMs,
  Units,
  Version
} from './values.ts'

const closed = { additionalProperties: false }

const target = { storeId: StoreId, sku: Sku }
const circumstances = {
  expectedVersion: Type.Optional(ExpectedVersion),
  idempotencyKey: Type.Optional(LineKey),
  reason: Type.Optional(Reason),
  reference: Type.Optional(Reference)
}

export const AdjustMovement = Type.Object(
  { type: Type.Literal('adjust'), ...target, delta: Delta, ...circumstances },
  { $id: 'AdjustMovement', description: 'Units come or go.', ...closed }
)
export const ReserveMovement = Type.Object(
  { type: Type.Literal('reserve'), ...target, qty: Units, ttlMs: Type.Optional(TtlMs), ...circumstances },
  { $id: 'ReserveMovement', description: 'Units are held for someone.', ...closed }
)
const resolution = { ...target, reservationId: ReservationId, qty: Type.Optional(Units), ...circumstances }
export const ReleaseMovement = Type.Object(
  { type: Type.Literal('release'), ...resolution },
  { $id: 'ReleaseMovement', description: 'Held units go back to qty.', ...closed }
)
export const CommitMovement = Type.Object(
  { type: Type.Literal('commit'), ...resolution },
  { $id: 'CommitMovement', description: 'Held units leave for good.', ...closed }
)

export type Movement =
  | Static<typeof AdjustMovement>
  | Static<typeof ReserveMovement>
  | Static<typeof ReleaseMovement>
  | Static<typeof CommitMovement>

/** The schema that each `type` of a movement has. */
export const movementSchemas = {
  adjust: AdjustMovement,
  reserve: ReserveMovement,
  release: ReleaseMovement,
  commit: CommitMovement
}

// One of several by its `type`: the validator looks at one alternative only, and its errors speak of that one.
const MovementSchema = Type.Unsafe<Movement>({
  type: 'object',
  discriminator: { propertyName: 'type' },
  required: ['type'],
  oneOf: Object.values(movementSchemas).map(reference),
  'x-requirement': `of the type ${Object.keys(movementSchemas).join(', ')}`
})

export const MovementsRequest = Type.Object(
  {
    movements: Type.Array(MovementSchema, { minItems: 1, maxItems: 10_000 }),
    atomic: Type.Optional(Type.Boolean({ description: 'All movements or none.', default: false }))
  },
  { $id: 'MovementsRequest', description: 'Movements that are decided in their order.', ...closed }
)

const LineError = Type.Object(
  {
    name: Type.String(),
    message: Type.String(),
    code: Type.String(),
    statusCode: Type.Integer(),
    details: Type.Optional(Type.Unknown())
  },
  { $id: 'MovementError', description: 'Why a movement was refused.', ...closed }
)

const MovementResult = Type.Object(
  {
    storeId: StoreId,
    sku: Sku,
    applied: Type.Boolean(),
    newQuantity: Qty,
    newVersion: Version,
    reservation: Type.Optional(reference(Reservation)),
    error: Type.Optional(reference(LineError))
  },
  {
    $id: 'MovementResult',
    description:
      'What became of one movement; the quantity and version are the current ones where it was refused.',
    ...closed
  }
)

export const MovementsResult = Type.Object(
  {
    success: Type.Literal(true),
    results: Type.Array(reference(MovementResult)),
    summary: Type.Object({ total: Type.Integer(), applied: Type.Integer(), failed: Type.Integer() }, closed)
  },
  { $id: 'MovementsResult', description: 'The results in the order of the movements.', ...closed }
)

export { LineError as MovementError, MovementResult }
export type MovementError = Static<typeof LineError>
export type MovementResult = Static<typeof MovementResult>
export type MovementsRequest = Static<typeof MovementsRequest>
export type MovementsResult = Static<typeof MovementsResult>
