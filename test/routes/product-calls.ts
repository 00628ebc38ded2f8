import { v7 as newKey } from 'uuid'
import type { LightMyRequestResponse } from 'fastify'
import type { NewProduct } from '../../plugins/schemas/catalogue.ts'
import type { SingleUpdate, UpdateOfBatch } from '../../plugins/schemas/updates.ts'
import type { TestService } from './service.ts'

export const updatesPath = '/v1/inventory/updates'

/** Creates products; each goes by its id and costs 1 unless it says otherwise. */
export function createProducts(
  service: TestService,
  ...products: (Pick<NewProduct, 'productId' | 'available'> & Partial<NewProduct>)[]
): Promise<LightMyRequestResponse> {
  const named = products.map((product) => ({ name: product.productId, price: 1, ...product }))
  return service.post('/v1/admin/products/create', { products: named })
}

/** One of several updates, under a key that nobody used yet. */
export function change(productId: string, delta: number, version: number): UpdateOfBatch {
  return { productId, delta, version, idempotencyKey: newKey() }
}

/** A whole update, asked for by store `S1`. */
export function update(productId: string, delta: number, version: number): SingleUpdate {
  return { storeId: 'S1', ...change(productId, delta, version) }
}
