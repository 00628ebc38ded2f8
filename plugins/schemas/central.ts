import { Type, type Static } from '@sinclair/typebox'
import { Cursor, Instant, Limit, Qty, Reserved, Sku, Version, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }

const MinSequence = WholeNumber(
  0,
  'The offset of the newest event that the answer must have in it, such as that of an own write.',
  { examples: [42] }
)

export const CentralSkuParams = Type.Object({ sku: Sku }, closed)
export const CentralQuery = Type.Object({ minSequence: Type.Optional(MinSequence) }, closed)
export const CentralPageQuery = Type.Object(
  {
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
    minSequence: Type.Optional(MinSequence)
  },
  closed
)

export const CentralStoreStock = Type.Object(
  {
    qty: Qty,
    reserved: Reserved,
    version: Version,
    updatedAt: Instant('When the record last changed')
  },
  { $id: 'CentralStoreStock', description: 'The stock of the SKU in one store.', ...closed }
)

const fields = {
  sku: Sku,
  stores: Type.Unsafe<Record<string, Static<typeof CentralStoreStock>>>({
    type: 'object',
    additionalProperties: { $ref: `${CentralStoreStock.$id}#` },
    description: 'The stock of each store that has the SKU, by the id of the store.'
  }),
  total: Type.Integer({
    minimum: 0,
    description: 'The units that can be promised in all stores together: the sum of their qty.',
    examples: [106]
  })
}

const Sequence = WholeNumber(0, 'The offset of the newest event that the answer has in it; 0 for none.', {
  examples: [42]
})

export const CentralStock = Type.Object(
  { ...fields, sequence: Sequence },
  { $id: 'CentralStock', description: 'The stock of one SKU in all stores, after an event.', ...closed }
)

const CentralItem = Type.Object(fields, closed)

export const CentralStockPage = Type.Object(
  {
    items: Type.Array(CentralItem),
    sequence: Sequence,
    nextCursor: Type.Optional(
      Type.String({ description: 'Where the next page starts; left out on the last.' })
    )
  },
  {
    $id: 'CentralStockPage',
    description: 'The stock of SKUs in all stores, in the order of the SKUs.',
    ...closed
  }
)

export type CentralStock = Static<typeof CentralStock>
export type CentralStockPage = Static<typeof CentralStockPage>
export type CentralQuery = Static<typeof CentralQuery>
export type CentralPageQuery = Static<typeof CentralPageQuery>
