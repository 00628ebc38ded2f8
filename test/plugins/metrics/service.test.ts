import { Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import { LedgerError } from '../../../domain/ledger.ts'
import { loadConfiguration, type Configuration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { until } from '../../adapters/sync/manual-clock.ts'
import { recordPath } from '../../routes/service.ts'
import { parseExposition, valueOf } from './exposition.ts'
import { ownFolder } from '../../processes/own-folder.ts'

interface Options {
  readonly environment?: Record<string, string>
  readonly configuration?: Partial<Configuration>
  readonly ledger?: MemoryLedger
}

/** A service without limits, unless the configuration has some; in memory, unless the environment says otherwise. */
async function service(t: Test, { environment = {}, configuration = {}, ledger }: Options = {}) {
  const memory = environment['DATA_DIR'] === undefined && { LEDGER_URL: 'memory:' }
  const defaults = loadConfiguration({
    DATA_PATH: '',
    RATE_LIMIT_ENABLED: 'false',
    ...memory,
    ...environment
  })
  const time = { now: Date.now() }
  const registry = new Registry()
  const server = await buildServer(
    { ...defaults, ...configuration },
    { registry, clock: () => time.now, ...(ledger && { ledger }) }
  )
  t.teardown(() => server.close())
  const scrape = async () => parseExposition(await registry.metrics())
  const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
    server.inject({ method: 'POST', url, payload, headers })
  const adjust = (sku: string, delta: number, more: object = {}, headers: Record<string, string> = {}) =>
    post(recordPath('S1', sku, 'adjust'), { delta, ...more }, headers)
  const counters = async () =>
    (await server.inject('/api/metrics')).json<{ data: Record<string, number> }>().data
  return { server, time, scrape, post, adjust, counters }
}

t.test('every metric of the contract is there by its name, type and labels', async (t) => {
  const { scrape, adjust, server } = await service(t)
  await adjust('A', 5)
  await server.inject('/nowhere')
  const families = await scrape()
  const contract: Record<string, readonly [string, readonly string[]]> = {
    inventory_api_requests_total: ['counter', ['endpoint', 'method']],
    inventory_api_errors_total: ['counter', ['endpoint', 'status']],
    inventory_api_request_duration_seconds: ['histogram', ['endpoint', 'method']],
    inventory_updates_processed_total: ['counter', []],
    inventory_version_conflicts_total: ['counter', []],
    inventory_worker_queue_size: ['gauge', []],
    inventory_worker_active_count: ['gauge', []],
    inventory_cache_hits_total: ['counter', []],
    inventory_events_published_total: ['counter', []],
    inventory_events_queue_size: ['gauge', []],
    inventory_api_requests_by_client_ip_type: ['counter', ['type']],
    inventory_rate_limit_violations_total: ['counter', ['type']],
    inventory_api_response_time_by_client_type: ['histogram', ['type']]
  }
  for (const [name, [type, labels]] of Object.entries(contract)) {
    const family = families.get(name)
    t.equal(family?.type, type, name)
    for (const sample of family?.samples ?? []) {
      t.strictSame(
        Object.keys(sample.labels)
          .filter((label) => label !== 'le')
          .sort(),
        labels,
        sample.name
      )
    }
    t.ok(family?.samples.length, `${name} has a value`)
    t.ok(family?.help, `${name} says what it is`)
  }
  for (const [name, family] of families) {
    t.match(name, /^inventory_[a-z_]+$/)
    t.match(family.type, /^(counter|gauge|histogram)$/)
  }
})

t.test('what callers do is counted, once, in both places', async (t) => {
  const { scrape, post, adjust, server, counters } = await service(t)
  const key = { 'idempotency-key': 'k' }
  await adjust('A', 100)
  await adjust('A', 1, {}, key)
  await adjust('A', 1, {}, key)
  await adjust('A', 1, { expectedVersion: 1 })
  await adjust('A', -1000)
  await adjust('A', 2, {}, key)
  const reserve = await post(recordPath('S1', 'A', 'reserve'), { qty: 5 })
  const { id } = reserve.json<{ reservation: { id: string } }>().reservation
  await post(recordPath('S1', 'A', 'release'), { reservationId: id, qty: 2 })
  await post(recordPath('S1', 'A', 'commit'), { reservationId: id })
  const line = { type: 'adjust', storeId: 'S1', sku: 'B', delta: 1 }
  const movements = [
    line,
    { ...line, idempotencyKey: 'line' },
    { ...line, idempotencyKey: 'line' },
    { ...line, expectedVersion: 9 }
  ]
  await post('/api/inventory/movements', { movements })
  await post('/api/inventory/movements', { movements: [line, { ...line, delta: -99 }], atomic: true })
  await post('/v1/admin/products/create', {
    products: [{ productId: 'P', name: 'p', available: 1, price: 1 }]
  })
  await post('/v1/inventory/updates', {
    storeId: 'S1',
    productId: 'P',
    delta: 1,
    version: 1,
    idempotencyKey: 'u'
  })
  for (const url of [
    recordPath('S1', 'A'),
    '/api/inventory/stores/S1/inventory',
    '/v1/inventory',
    '/v1/inventory/P'
  ]) {
    t.equal((await server.inject(url)).statusCode, 200)
  }
  await server.inject(recordPath('S1', 'none'))

  const counted = await counters()
  t.match(counted, {
    requests: 18,
    errors: 5,
    conflicts: 2,
    idempotentHits: 2,
    adjustStock: 5,
    reserveStock: 1,
    releaseStock: 1,
    commitStock: 1,
    getInventory: 4
  })
  const families = await scrape()
  t.equal(valueOf(families, 'inventory_api_requests_total'), 19, 'with the one for the counters')
  t.equal(valueOf(families, 'inventory_api_errors_total'), 5)
  t.equal(valueOf(families, 'inventory_version_conflicts_total'), 2)
  t.equal(valueOf(families, 'inventory_cache_hits_total'), 2)
  t.equal(valueOf(families, 'inventory_updates_processed_total'), 9)
  t.equal(valueOf(families, 'inventory_movements_total', { type: 'create_product', result: 'applied' }), 1)
  t.equal(valueOf(families, 'inventory_movements_total', { type: 'adjust', result: 'refused' }), 4)
  t.equal(valueOf(families, 'inventory_events_published_total'), 9)
  t.equal(valueOf(families, 'inventory_events_queue_size'), 9)
  t.equal(valueOf(families, 'inventory_records'), 3)
})

t.test('what is held now, and what has ended by itself', async (t) => {
  const { scrape, post, adjust, time, server } = await service(t)
  await adjust('A', 100, {}, { 'idempotency-key': 'k' })
  await post(recordPath('S1', 'A', 'reserve'), { qty: 5 })
  await post(recordPath('S1', 'A', 'reserve'), { qty: 5, ttlMs: 1000 })
  const follower = server.inject('/v1/inventory/events?offset=6&wait=60')
  await until(async () => valueOf(await scrape(), 'inventory_feed_followers') === 1)
  let families = await scrape()
  t.equal(valueOf(families, 'inventory_reservations_open'), 2)
  t.equal(valueOf(families, 'inventory_idempotency_keys'), 1)
  time.now += 2000
  await adjust('A', 1)
  await adjust('A', 1)
  t.equal((await follower).statusCode, 200)
  families = await scrape()
  t.equal(valueOf(families, 'inventory_reservations_open'), 1)
  t.equal(valueOf(families, 'inventory_reservations_expired_total'), 1)
  t.equal(valueOf(families, 'inventory_feed_followers'), 0)
})

t.test('the disk and the sync worker', async (t) => {
  const folder = ownFolder(t)
  const { scrape, adjust, counters } = await service(t, {
    environment: { DATA_DIR: folder, SNAPSHOT_EVERY_N_EVENTS: '1', SYNC_INTERVAL_MS: '100' }
  })
  await Promise.all(Array.from({ length: 20 }, (_, index) => adjust(`A${index}`, 1)))
  await until(async () => (await counters())['snapshots'] !== 0)
  // A pass is counted at its end, after the snapshot that it has written.
  await until(async () => (await counters())['syncOperations'] !== 0)
  await until(async () => valueOf(await scrape(), 'inventory_sync_lag_events') === 0)
  const families = await scrape()
  t.equal(valueOf(families, 'inventory_events_published_total'), 20)
  const syncs = valueOf(families, 'inventory_fsync_duration_seconds')
  t.equal(valueOf(families, 'inventory_commit_batch_units'), syncs)
  t.ok(syncs > 0 && syncs < 20, 'requests that wait share a sync')
  const units = families
    .get('inventory_commit_batch_units')
    ?.samples.find(({ name }) => name.endsWith('_sum'))
  t.equal(units?.value, 20)
  t.ok(valueOf(families, 'inventory_log_size_bytes') > 20 * 100)
  const age = families.get('inventory_snapshot_age_seconds')?.samples[0]?.value ?? -1
  t.ok(age >= 0 && age < 600)
  t.ok(valueOf(families, 'inventory_sync_passes_total') > 0)
  t.equal(
    valueOf(families, 'inventory_snapshots_total'),
    valueOf(families, 'inventory_snapshot_duration_seconds')
  )
  t.equal(valueOf(families, 'inventory_sync_lag_seconds'), 0)
  const size = valueOf(families, 'inventory_disk_size_bytes')
  const free = valueOf(families, 'inventory_disk_free_bytes')
  t.ok(free > 0 && free <= size, 'the disk has room')
  // One snapshot is kept of a moment when some of the twenty were there already.
  const unsaved = valueOf(families, 'inventory_events_since_snapshot')
  t.ok(unsaved >= 0 && unsaved < 20, 'a snapshot counts')
  t.equal(valueOf(families, 'inventory_snapshot_due_events'), 2, 'a tenth of the records')
})

t.test('how far the central model is behind, in events and seconds', async (t) => {
  const { scrape, adjust, time, server, counters } = await service(t)
  await server.inject({ method: 'POST', url: '/api/sync/stop' })
  await adjust('A', 1)
  time.now += 5000
  await adjust('A', 1)
  const families = await scrape()
  t.equal(valueOf(families, 'inventory_sync_lag_events'), 2)
  t.equal(valueOf(families, 'inventory_sync_lag_seconds'), 5)
  const { syncOperations = 0 } = await counters()
  await server.inject({ method: 'POST', url: '/api/sync' })
  t.equal((await counters())['syncOperations'], syncOperations + 1)
  t.equal(valueOf(await scrape(), 'inventory_sync_lag_seconds'), 0)
})

t.test('whom the service turns away', async (t) => {
  const ledger = new MemoryLedger()
  const { rateLimit } = loadConfiguration({})
  const configuration = { rateLimit: { ...rateLimit, burst: 4, requestsPerSecond: 1 } }
  const { scrape, adjust, server } = await service(t, { ledger, configuration })
  ledger.execute = () => Promise.reject(new LedgerError('queue_full', 'x'))
  t.equal((await adjust('A', 1)).statusCode, 503)
  ledger.execute = () => Promise.reject(new LedgerError('read_only', 'x'))
  t.equal((await adjust('A', 1)).statusCode, 503)
  await adjust('A', 1)
  ledger.health = () => ({ ...new MemoryLedger().health(), status: 'read_only', queueDepth: 7, voidUnits: 3 })
  await adjust('A', 1)
  t.equal((await adjust('A', 1)).statusCode, 429)
  t.equal(
    (await server.inject({ url: '/api/metrics', remoteAddress: '10.0.0.1' })).json().data.rateLimited,
    1
  )
  const families = await scrape()
  t.equal(valueOf(families, 'inventory_load_shed_total'), 1)
  t.equal(valueOf(families, 'inventory_breaker_open_total'), 3)
  t.equal(valueOf(families, 'inventory_rate_limit_violations_total', { type: 'localhost' }), 1)
  t.equal(valueOf(families, 'inventory_worker_active_count'), 0)
  t.equal(valueOf(families, 'inventory_worker_queue_size'), 7)
  t.equal(valueOf(families, 'inventory_void_units'), 3)
})
