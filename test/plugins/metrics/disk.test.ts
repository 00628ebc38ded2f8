import { join } from 'node:path'
import { Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { diskSpace } from '../../../adapters/wal/disk-usage.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { recordPath } from '../../routes/service.ts'
import { parseExposition, valueOf } from './exposition.ts'
import { ownFolder } from '../../processes/own-folder.ts'

async function service(t: Test, environment: Record<string, string>) {
  const registry = new Registry()
  const server = await buildServer(loadConfiguration({ DATA_PATH: '', ...environment }), { registry })
  t.teardown(() => server.close())
  return { server, scrape: async () => parseExposition(await registry.metrics()) }
}

t.test('a ledger that has no snapshot yet', async (t) => {
  const { server, scrape } = await service(t, { DATA_DIR: ownFolder(t) })
  const url = recordPath('S1', 'A', 'adjust')
  for (let count = 0; count < 3; count++) {
    t.equal((await server.inject({ method: 'POST', url, payload: { delta: 1 } })).statusCode, 200)
  }
  const families = await scrape()
  t.equal(valueOf(families, 'inventory_events_since_snapshot'), 3)
  t.equal(valueOf(families, 'inventory_snapshot_due_events'), 10_000)
  t.strictSame(families.get('inventory_snapshot_age_seconds')?.samples, [])
})

t.test('a ledger in memory has no disk', async (t) => {
  const { scrape } = await service(t, { LEDGER_URL: 'memory:' })
  const families = await scrape()
  t.notOk(families.has('inventory_disk_free_bytes'))
  t.ok(valueOf(families, 'inventory_memory_limit_bytes') > 0, 'but there is memory')
})

t.test('a folder that is not there has no disk either', async (t) => {
  await t.rejects(diskSpace(join(ownFolder(t), 'none')), { code: 'ENOENT' })
})
