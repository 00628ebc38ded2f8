import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import { refusalFields } from './updates.ts'
import { Instant, Name, Price, ProductId, Qty, Version, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }
const atOnce = { minItems: 1, maxItems: 1000 }

export const NewProduct = Type.Object(
  { productId: ProductId, name: Name, available: Qty, price: Price },
  { $id: 'NewProduct', description: 'A product as it begins.', ...closed }
)

export const ProductSetting = Type.Object(
  {
    productId: ProductId,
    name: Type.Optional(Name),
    available: Type.Optional(Qty),
    price: Type.Optional(Price),
    version: Type.Optional(WholeNumber(0, 'Only if the product has this version.', { examples: [1] }))
  },
  {
    $id: 'ProductSetting',
    description:
      'What is given of a product changes, at least one of name, available and price; the rest stays.',
    'x-requirement': 'given at least one of name, available and price',
    anyOf: [{ required: ['name'] }, { required: ['available'] }, { required: ['price'] }],
    ...closed
  }
)

export const CreateProducts = Type.Object(
  { products: Type.Array(reference(NewProduct), atOnce) },
  { $id: 'CreateProducts', ...closed }
)

export const SetProducts = Type.Object(
  { products: Type.Array(reference(ProductSetting), atOnce) },
  { $id: 'SetProducts', ...closed }
)

export const DeleteProducts = Type.Object(
  { productIds: Type.Array(ProductId, atOnce) },
  { $id: 'DeleteProducts', ...closed }
)

export const ProductResult = Type.Object(
  {
    productId: ProductId,
    success: Type.Boolean({ description: 'Whether it took effect.' }),
    newVersion: Type.Optional(Version),
    lastUpdated: Type.Optional(Instant('When it took effect')),
    errorType: Type.Optional(refusalFields.errorType),
    errorMessage: Type.Optional(refusalFields.errorMessage)
  },
  {
    $id: 'ProductResult',
    description:
      'What became of one product: newVersion and lastUpdated where it took effect, the error fields where it was refused.',
    ...closed
  }
)

function results<const Succeeded extends string, const Failed extends string>(
  $id: string,
  succeeded: Succeeded,
  failed: Failed
) {
  const counts = { totalRequests: Type.Integer(), [succeeded]: Type.Integer(), [failed]: Type.Integer() }
  return Type.Object(
    {
      results: Type.Array(reference(ProductResult)),
      summary: Type.Unsafe<Record<'totalRequests' | Succeeded | Failed, number>>(Type.Object(counts, closed))
    },
    { $id, description: 'What became of each product, in their order.', ...closed }
  )
}

export const CreationResults = results('CreationResults', 'successfulCreations', 'failedCreations')
export const SettingResults = results('SettingResults', 'successfulUpdates', 'failedUpdates')
export const DeletionResults = results('DeletionResults', 'successfulDeletions', 'failedDeletions')

export type NewProduct = Static<typeof NewProduct>
export type ProductSetting = Static<typeof ProductSetting>
export type CreateProducts = Static<typeof CreateProducts>
export type SetProducts = Static<typeof SetProducts>
export type DeleteProducts = Static<typeof DeleteProducts>
export type ProductResult = Static<typeof ProductResult>
export type CreationResults = Static<typeof CreationResults>
export type SettingResults = Static<typeof SettingResults>
export type DeletionResults = Static<typeof DeletionResults>
