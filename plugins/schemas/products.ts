import { Type, type Static } from '@sinclair/typebox'
import { reference } from './reference.ts'
import { Cursor, Instant, Name, Price, ProductId, Qty, Version, WholeNumber } from './values.ts'

const closed = { additionalProperties: false }

export const ProductQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'The most items of a page.' })
    ),
    cursor: Type.Optional(Cursor)
  },
  closed
)
export const ProductParams = Type.Object({ productId: ProductId }, closed)

export const Product = Type.Object(
  {
    productId: ProductId,
    name: Name,
    available: Qty,
    version: Version,
    lastUpdated: Instant('When the product or its quantity last changed'),
    price: Price
  },
  { $id: 'Product', description: 'A product of the chain and what its central pool can promise.', ...closed }
)

export const ProductPage = Type.Object(
  {
    items: Type.Array(reference(Product)),
    nextCursor: Type.Optional(
      Type.String({ description: 'Where the next page starts; left out on the last.' })
    ),
    offset: WholeNumber(
      0,
      'The offset of the newest event that this page reflects: whoever follows the feed from the one after it misses nothing.',
      { examples: [42] }
    )
  },
  { $id: 'ProductPage', description: 'Products in the order of their ids.', ...closed }
)

export type Product = Static<typeof Product>
export type ProductPage = Static<typeof ProductPage>
export type ProductQuery = Static<typeof ProductQuery>
export type ProductParams = Static<typeof ProductParams>
