import { Type, type TSchema } from '@sinclair/typebox'
import type { Command } from '../../domain/commands.ts'
import type { Line, Unit } from '../../domain/unit.ts'
import {
  Delta,
  Identifier,
  Name,
  Price,
  Reason,
  Reference,
  ReservationId,
  Sku,
  StoreId,
  Units,
  Version,
  WholeNumber
} from '../schemas/values.ts'

/*
 * What the types of the domain cannot say of what callers without HTTP ask for: half a unit, or an id with a line break
 * in it, would be in the log for good.
 */

const closed = { additionalProperties: false }
const Milliseconds = WholeNumber(0, 'Milliseconds since the epoch.')

const Precondition = Type.Union([
  Type.Object({ kind: Type.Literal('version'), version: Version }, closed),
  Type.Object({ kind: Type.Literal('versions'), versions: Type.Array(Version) }, closed),
  Type.Object({ kind: Type.Literal('exists') }, closed),
  Type.Object({ kind: Type.Literal('absent') }, closed)
])

const target = {
  storeId: StoreId,
  sku: Sku,
  precondition: Type.Optional(Precondition),
  reason: Type.Optional(Reason),
  reference: Type.Optional(Reference)
}

const resolution = { reservationId: ReservationId, qty: Type.Optional(Units) }
const Available = WholeNumber(0, 'Units that can be promised.')

/** The fields of each type of command beside those that all have. */
const fields: Record<Command['type'], Record<string, TSchema>> = {
  adjust: {
    delta: Delta,
    existingOnly: Type.Optional(Type.Boolean()),
    askedBy: Type.Optional(StoreId)
  },
  reserve: { qty: Units, reservationId: ReservationId, expiresAt: Type.Optional(Milliseconds) },
  extend: { reservationId: ReservationId, expiresAt: Milliseconds },
  release: resolution,
  commit: resolution,
  expire: { countMax: WholeNumber(1, 'Reservations at most.') },
  create_product: { name: Name, available: Available, price: Price },
  set_product: {
    name: Type.Optional(Name),
    available: Type.Optional(Available),
    price: Type.Optional(Price)
  },
  delete_product: {}
}

const Commands = Type.Unsafe<Command>({
  type: 'object',
  discriminator: { propertyName: 'type' },
  required: ['type'],
  oneOf: Object.entries(fields).map(([type, own]) =>
    Type.Object({ type: Type.Literal(type), ...target, ...own }, closed)
  )
})

const Identity = Type.Object(
  {
    key: Identifier('Scope and key in one text.', 'till-4 sale-17'),
    fingerprint: Type.String({ maxLength: 65_536 }),
    until: Milliseconds
  },
  closed
)

const Lines = Type.Array(
  Type.Unsafe<Line>(Type.Object({ command: Commands, identity: Type.Optional(Identity) }, closed)),
  { maxItems: 10_000 }
)

export const UnitSchema = Type.Unsafe<Unit>(
  Type.Object(
    {
      at: Milliseconds,
      lines: Lines,
      atomic: Type.Boolean(),
      identity: Type.Optional(Identity),
      actor: Type.Optional(Identifier('Who asks.', 'till 4')),
      trace: Type.Optional(Type.Any())
    },
    closed
  )
)
