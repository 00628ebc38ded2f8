import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import { Delta, Instant, LineKey, ProductId, Qty, StoreId, Version, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }

const change = {
  productId: ProductId,
  delta: Delta,
  version: WholeNumber(0, 'The version of the product that the change was decided on.', { examples: [1] }),
  idempotencyKey: LineKey
}
const asking = { storeId: StoreId }

export const SingleUpdate = Type.Object(
  { ...asking, ...change },
  { $id: 'SingleUpdate', description: 'One change of one product, asked for by a store.', ...closed }
)

export const UpdateOfBatch = Type.Object(change, {
  $id: 'UpdateOfBatch',
  description: 'One of several changes.',
  ...closed
})

export const BatchUpdate = Type.Object(
  {
    ...asking,
    updates: Type.Array(reference(UpdateOfBatch), { minItems: 1, maxItems: 1000 }),
    atomic: Type.Optional(Type.Boolean({ description: 'All changes or none.', default: false }))
  },
  { $id: 'BatchUpdate', description: 'Changes that are decided in their order.', ...closed }
)

export type SingleUpdate = Static<typeof SingleUpdate>
export type UpdateOfBatch = Static<typeof UpdateOfBatch>
export type BatchUpdate = Static<typeof BatchUpdate>

// The validator looks at one of the two only, so that its errors speak of that one; the document says oneOf.
export const UpdateRequest = Type.Unsafe<SingleUpdate | BatchUpdate>({
  $id: 'UpdateRequest',
  type: 'object',
  description: 'One change, or several with `updates`.',
  if: { type: 'object', required: ['updates'] },
  then: reference(BatchUpdate),
  else: reference(SingleUpdate)
})

const errorTypes = [
  'version_conflict',
  'insufficient_stock',
  'not_found',
  'already_exists',
  'idempotency_conflict',
  'validation_error'
] as const
export type RefusalType = (typeof errorTypes)[number]

/** Why one of several things was refused, for programs and for people. */
export const refusalFields = {
  errorType: Type.Unsafe<RefusalType>({
    type: 'string',
    enum: errorTypes,
    description: 'Why it was refused.',
    examples: ['version_conflict']
  }),
  errorMessage: Type.String({ description: 'The same for people; names what it is about.' })
}

const present = { productId: ProductId, newQuantity: Qty, newVersion: Version }
const lastUpdated = Instant('When it took effect')

export const AppliedUpdate = Type.Object(
  { ...present, applied: Type.Literal(true), lastUpdated },
  { $id: 'AppliedUpdate', description: 'A change that took effect.', ...closed }
)

export const RefusedUpdate = Type.Object(
  {
    ...present,
    applied: Type.Literal(false),
    ...refusalFields,
    line: Type.Optional(
      WholeNumber(0, 'Which update of an atomic batch was refused, counted from 0.', { examples: [0] })
    )
  },
  {
    $id: 'RefusedUpdate',
    description:
      'A change that was refused, with the quantity and version as they are now; both 0 where there never was a product.',
    ...closed
  }
)

// Not the one or the other of the two above: serializing a choice means validating it first, a thousand times a batch.
export const UpdateResult = Type.Object(
  {
    ...present,
    applied: Type.Boolean({ description: 'Whether it took effect.' }),
    lastUpdated: Type.Optional(lastUpdated),
    errorType: Type.Optional(refusalFields.errorType),
    errorMessage: Type.Optional(refusalFields.errorMessage)
  },
  {
    $id: 'UpdateResult',
    description:
      'What became of one change: lastUpdated where it took effect, the error fields where it was refused.',
    ...closed
  }
)

export const UpdateResults = Type.Object(
  {
    results: Type.Array(reference(UpdateResult)),
    summary: Type.Object(
      { totalRequests: Type.Integer(), applied: Type.Integer(), failed: Type.Integer() },
      closed
    )
  },
  { $id: 'UpdateResults', description: 'What became of each change, in their order.', ...closed }
)

export type AppliedUpdate = Static<typeof AppliedUpdate>
export type RefusedUpdate = Static<typeof RefusedUpdate>
export type UpdateResult = Static<typeof UpdateResult>
export type UpdateResults = Static<typeof UpdateResults>

// The answer to one change or to several, which differ in all their fields.
export const UpdateAnswer = Type.Unsafe<AppliedUpdate | UpdateResults>({
  $id: 'UpdateAnswer',
  type: 'object',
  description: 'What became of one change, or of each of several.',
  if: { type: 'object', required: ['results'] },
  then: reference(UpdateResults),
  else: reference(AppliedUpdate)
})
