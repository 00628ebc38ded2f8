import type { Test } from 'tap'
import type { ProductPage } from '../../plugins/schemas/products.ts'
import { ApiClient } from '../kill/api-client.ts'
import type { Follower } from './follower.ts'

/** Compares all that a follower knows with what the service shows, record by record. */
export async function compareWithServer(
  t: Test,
  follower: Follower,
  url: string,
  stores: readonly string[]
): Promise<void> {
  const records: string[] = []
  for (const store of stores) {
    for (const { storeId, sku, qty, reserved, version } of await new ApiClient(url).records(store)) {
      records.push(JSON.stringify({ storeId, sku, qty, reserved, version }))
    }
  }
  const followed = follower.records.map((record) => JSON.stringify(record))
  t.strictSame(followed.sort(), records.sort(), `the ${records.length} records of all stores`)
  const response = await fetch(`${url}/v1/inventory?limit=100`)
  const { items, nextCursor } = (await response.json()) as ProductPage
  t.equal(nextCursor, undefined, 'one page of products')
  t.strictSame(
    follower.products.map(({ productId, name, price }) => `${productId} ${name} ${price}`).sort(),
    items.map(({ productId, name, price }) => `${productId} ${name} ${price}`).sort(),
    `the ${items.length} products`
  )
}
