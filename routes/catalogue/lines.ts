import type { CreateProduct, DeleteProduct, SetProduct } from '../../domain/commands.ts'
import type { NewProduct, ProductSetting } from '../../plugins/schemas/catalogue.ts'

export function creation(
  storeId: string,
  { productId: sku, name, available, price }: NewProduct
): CreateProduct {
  return { type: 'create_product', storeId, sku, name, available, price: withoutSign(price) }
}

export function setting(storeId: string, { productId: sku, version, ...given }: ProductSetting): SetProduct {
  const { name, available, price } = given
  return {
    type: 'set_product',
    storeId,
    sku,
    ...(name !== undefined && { name }),
    ...(available !== undefined && { available }),
    ...(price !== undefined && { price: withoutSign(price) }),
    ...(version !== undefined && { precondition: { kind: 'version', version } })
  }
}

export function deletion(storeId: string, productId: string): DeleteProduct {
  return { type: 'delete_product', storeId, sku: productId }
}

/** JSON has a zero below zero, which the log would give back as a plain one. */
function withoutSign(price: number): number {
  return price === 0 ? 0 : price
}
