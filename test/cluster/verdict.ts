import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { ApiClient } from '../kill/api-client.ts'
import type { Auditor } from '../kill/auditor.ts'
import { nameOf, type ObservedOrder } from './observed-order.ts'
import type { Tries } from './tries.ts'

/** Whatever of all that was observed does not add up, once everybody was answered. */
export async function verdict(
  clients: readonly ApiClient[],
  { auditor, order, tries }: { auditor: Auditor; order: ObservedOrder; tries: Tries }
): Promise<string[]> {
  const [first] = clients
  if (first === undefined) throw new Error('nobody is left to ask')
  await auditor.audit(first)
  await auditor.auditAll(first)
  for (const client of clients) await tries.readFeed(client)
  const histories = new Map<string, StockEvent[]>()
  for (const name of order.records) {
    const [storeId, sku] = JSON.parse(name) as [string, string]
    histories.set(nameOf({ storeId, sku }), await first.history(storeId, sku, 1))
  }
  return [
    ...auditor.faults.map(({ kind, text }) => `${kind}: ${text}`),
    ...tries.differences,
    ...order.faults(histories)
  ]
}
