import t, { type Test } from 'tap'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { below, seededRandom } from '../../adapters/file-system/seeded-random.ts'
import { compareWithServer } from './followed-state.ts'
import { Follower } from './follower.ts'
import { startListening, type ListeningService } from './listening-service.ts'

const stores = ['S1', 'Lager/Süd', 'central']

/** Changes of every kind: in the stores and the central pool, of products that are created, set, deleted, created again. */
function changesOf({ url }: ListeningService, seed: number) {
  const random = seededRandom(seed)
  const oneOf = <Value>(values: readonly Value[]) => values[below(values.length, random)] as Value
  const call = async (method: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    await response.text()
  }
  return async (count: number): Promise<void> => {
    for (let change = 0; change < count; change += 1) {
      const productId = `P${below(8, random)}`
      const record = `/api/inventory/stores/${encodeURIComponent(oneOf(stores))}/inventory/${productId}`
      const product = { productId, name: `name ${change}`, available: below(9, random), price: change }
      const step = below(8, random)
      if (step === 0) await call('POST', '/v1/admin/products/create', { products: [product] })
      else if (step === 1) await call('DELETE', '/v1/admin/products/delete', { productIds: [productId] })
      else if (step === 2) await call('PUT', '/v1/admin/products/set', { products: [product] })
      else if (step === 3) await call('POST', `${record}/reserve`, { qty: 1 })
      else await call('POST', `${record}/adjust`, { delta: 1 + below(9, random) })
    }
  }
}

/** A ledger whose oldest events go: the test says when, where the ledger does not do so with every change. */
interface ShortLedger {
  readonly ledger: Ledger
  readonly retain: () => Promise<void>
}

function inMemory(): ShortLedger {
  return { ledger: new MemoryLedger({ eventsKeptMax: 60 }), retain: () => Promise.resolve() }
}

/** As in a process that leaves snapshots and retention to the sync worker of another one. */
async function inFolder(t: Test): Promise<ShortLedger> {
  const settings = { dataFolder: t.testdir(), segmentBytesMax: 2048 }
  const ledger = await openWalLedger(settings)
  const worker = await openWalLedger(settings)
  t.teardown(() => Promise.all([ledger.close(), worker.close()]))
  const retain = async (): Promise<void> => {
    // Nobody reads on from the one before the newest.
    await worker.writeSnapshot()
    await worker.writeSnapshot()
    const { removed } = await worker.retain(60, worker.health().sequence)
    t.ok(removed.length > 0, `${removed.length} segments are gone`)
  }
  return { ledger, retain }
}

async function followShort(t: Test, { ledger, retain }: ShortLedger): Promise<void> {
  const service = await startListening(t, ledger)
  const change = changesOf(service, 20_260_115)
  const centralStoreId = 'central'
  let meanwhile = 0
  const url = async (): Promise<string> => {
    // Whatever it reads, the service has gone on before and goes on after.
    if (meanwhile > 0) await change(meanwhile)
    return service.url
  }
  const follower = new Follower({ url, stores, centralStoreId, limit: 10 })
  const late = new Follower({ url: () => service.url, stores, centralStoreId, limit: 1000 })
  for (let round = 0; round < 6; round += 1) {
    meanwhile = 3
    for (let page = 0; page < 4; page += 1) await follower.takePage()
    await change(90)
    await retain()
  }
  meanwhile = 0
  while (await follower.takePage());
  while (await late.takePage());
  t.ok(follower.restarts > 1, `it started from the lists ${follower.restarts} times`)
  t.equal(late.restarts, 1, 'as does who comes late')
  t.equal(follower.offset, ledger.health().sequence + 1)
  for (const one of [follower, late]) await compareWithServer(t, one, service.url, stores)
}

t.test('a follower whose events are gone starts from the lists and misses nothing', async (t) => {
  await t.test('in memory', (t) => followShort(t, inMemory()))
  await t.test('in a folder whose oldest segments are removed', async (t) => {
    await followShort(t, await inFolder(t))
  })
})
