import type { RecordView } from '../../domain/record.ts'
import type { Product } from '../../plugins/schemas/products.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'

/** The product that a record of the central pool is; one that nobody named goes by its SKU and costs nothing. */
export function renderProduct({ sku, qty, version, updatedAt, product }: RecordView): Product {
  const { name, price } = product ?? { name: sku, price: 0 }
  return { productId: sku, name, available: qty, version, lastUpdated: instant(updatedAt), price }
}
