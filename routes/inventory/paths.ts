/** The path of a store's records and whether the OpenAPI document leaves it out. */
export interface InventoryPath {
  readonly url: string
  readonly hide: boolean
}

/** The path of the contract, and those that older clients know. */
export const inventoryPaths: readonly InventoryPath[] = [
  { url: '/api/inventory/stores/:storeId/inventory', hide: false },
  { url: '/api/stores/:storeId/inventory', hide: true },
  { url: '/stores/:storeId/inventory', hide: true }
]
