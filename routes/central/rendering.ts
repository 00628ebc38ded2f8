import type { CentralStock as Stock } from '../../domain/central-model.ts'
import type { CentralStockPage } from '../../plugins/schemas/central.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'

type CentralItem = CentralStockPage['items'][number]

export function renderStock({ sku, stores, total }: Stock): CentralItem {
  // A store may be called __proto__: entries become own members whatever their names are.
  const byId = stores.map(
    ([storeId, { updatedAt, ...stock }]) => [storeId, { ...stock, updatedAt: instant(updatedAt) }] as const
  )
  return { sku, stores: Object.fromEntries(byId), total }
}
