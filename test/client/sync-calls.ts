import type { Test } from 'tap'
import type { PoisonedLedger } from './poisoned-ledger.ts'
import type { ServiceClient } from './service-client.ts'

const adjust = '/api/inventory/stores/{storeId}/inventory/{sku}/adjust'
const letter = '/api/sync/dead-letters/{id}'

export async function callCentralModel(t: Test, client: ServiceClient): Promise<void> {
  const path = { storeId: 'S1', sku: 'SPOON' }
  await client.POST(adjust, { params: { path }, body: { delta: 5 } })
  const pass = await client.POST('/api/sync')
  t.equal(pass.data?.data.deadLettered, 0)
  const minSequence = pass.data?.data.sequence ?? 0
  const spoon = await client.GET('/api/central/inventory/{sku}', {
    params: { path: { sku: path.sku }, query: { minSequence } }
  })
  t.equal(spoon.response.status, 200)
  t.match(spoon.data, { total: 5, stores: { S1: { qty: 5, version: 1 } } })
  const page = await client.GET('/api/central/inventory', { params: { query: { limit: 1000, minSequence } } })
  t.ok(page.data?.items.some(({ sku, total }) => sku === path.sku && total === 5))
}

export async function callSync(t: Test, client: ServiceClient, ledger: PoisonedLedger): Promise<void> {
  t.match((await client.POST('/api/sync/start', { body: { intervalMs: 60_000 } })).data, { success: true })
  t.match((await client.GET('/api/sync/status')).data?.data, { isStopped: false, intervalMs: 60_000 })
  t.match((await client.POST('/api/sync/stop')).data, { success: true })

  for (const sku of ['poison 1', 'poison 2']) {
    await client.POST(adjust, { params: { path: { storeId: 'S1', sku } }, body: { delta: 1 } })
  }
  ledger.isPoisonous = true
  const pass = await client.POST('/api/sync')
  ledger.isPoisonous = false
  t.equal(pass.data?.data.deadLettered, 2)
  const letters = await client.GET('/api/sync/dead-letters', { params: { query: { limit: 2 } } })
  const ids = letters.data?.data.items.map(({ id }) => id) ?? []
  t.equal(ids.length, 2)
  const retried = await client.POST(`${letter}/retry`, { params: { path: { id: ids[0] ?? '' } } })
  t.match(retried.data, { data: { outcome: 'applied' } })
  const discarded = await client.DELETE(letter, { params: { path: { id: ids[1] ?? '' } } })
  t.match(discarded.data, { success: true })
}
