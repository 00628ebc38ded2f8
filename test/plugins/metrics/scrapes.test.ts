import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Counter, Registry } from 'prom-client'
import t from 'tap'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { openScrapes } from '../../../plugins/metrics/scrapes.ts'
import { workerMetrics } from '../../../plugins/metrics/worker-metrics.ts'
import { parseExposition, valueOf } from './exposition.ts'

const fail = (error: unknown): void => {
  throw error
}

t.test('a port that the system chooses', async (t) => {
  const registry = new Registry()
  new Counter({ name: 'sales_total', help: 'x', registers: [registry] }).inc(3)
  const scrapes = await openScrapes(loadConfiguration({ METRICS_PORT: '0' }), registry, fail)
  t.match(scrapes.place, /^metrics at http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  const url = scrapes.place.slice('metrics at '.length)
  t.equal(valueOf(parseExposition(await (await fetch(url)).text()), 'sales_total'), 3)
  await scrapes.close()
  await t.rejects(fetch(url))
})

t.test('a port that is taken', async (t) => {
  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  t.teardown(() => occupied.close())
  const { port } = occupied.address() as AddressInfo
  const asked = loadConfiguration({ METRICS_PORT: String(port) })
  await t.rejects(openScrapes(asked, new Registry(), fail), {
    message: new RegExp(
      `^METRICS_PORT is ${port}; allowed is what can be listened on \\([^\\n]*EADDRINUSE[^\\n]*\\)$`
    )
  })
  const nobodysChoice = { ...asked, metrics: { ...asked.metrics, isAsked: false } }
  const scrapes = await openScrapes(nobodysChoice, new Registry(), fail)
  t.match(scrapes.place, /^no metrics \([^\n]*EADDRINUSE/)
  await scrapes.close()
})

t.test('an address that is none of this machine', async (t) => {
  const asked = loadConfiguration({ METRICS_PORT: '0', METRICS_HOST: '192.0.2.1' })
  await t.rejects(openScrapes(asked, new Registry(), fail), {
    message: /^METRICS_HOST is "192\.0\.2\.1"; allowed /
  })
})

t.test('which port and address', async (t) => {
  t.strictSame(loadConfiguration({}).metrics, { port: 9080, host: '127.0.0.1', isAsked: false })
  const all = { METRICS_PORT: '9999', METRICS_HOST: '::' }
  t.strictSame(loadConfiguration(all).metrics, { port: 9999, host: '::', isAsked: true })
  t.throws(
    () => loadConfiguration({ METRICS_PORT: '65536' }),
    /METRICS_PORT is "65536"; allowed is .* 0 to 65535/
  )
  t.throws(
    () => loadConfiguration({ METRICS_HOST: 'a b' }),
    /METRICS_HOST is "a b"; allowed is an IP address/
  )
})

t.test('a process that is a sync worker only', async (t) => {
  const registry = new Registry()
  const { observer, watch } = workerMetrics(registry, fail)
  watch({
    sync: () => ({ health: async () => ({ status: 'running', lag: 3, deadLetters: 2 }) }),
    ledger: () => ({
      health: () => ({ sequence: 10, oldestSequence: 9 }) as never,
      read: async (sequence) => [{ sequence, at: 1000 } as never]
    }),
    now: () => 3500
  })
  observer.passMade()
  observer.deadLettered()
  observer.snapshotWritten(250)
  const families = parseExposition(await registry.metrics())
  const expected = {
    sync_lag_events: 3,
    sync_lag_seconds: 2.5,
    dead_letters: 2,
    sync_passes_total: 1,
    dead_lettered_total: 1,
    snapshots_total: 1,
    snapshot_duration_seconds: 1
  }
  for (const [name, value] of Object.entries(expected))
    t.equal(valueOf(families, `inventory_${name}`), value, name)
  t.ok(valueOf(families, 'inventory_memory_limit_bytes') > 0)
})
