import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { serverProgram } from '../processes/programs.ts'
import { recordPath } from '../routes/service.ts'
import { committedDashboard, monitoringFolder, rules } from './files.ts'
import { Prometheus, PrometheusStarting, whyMissing } from './prometheus.ts'

const windowSeconds = 15
const giveUpMs = 60_000

/** Every query of the dashboard as Grafana sends it, by what it is for. */
const queries = new Map(
  committedDashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => [
      `${title} (${refId})`,
      expr.replaceAll('$__rate_interval', `${windowSeconds}s`).replaceAll(/\$(job|instance)/g, '.+')
    ])
  )
)

t.test(
  'each panel shows data of a server under load',
  { skip: whyMissing('prometheus'), timeout: 120_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bincard-prometheus-'))
    const server = new ServerProcess({
      arguments: [serverProgram],
      environment: {
        ...serviceEnvironment(join(folder, 'ledger')),
        METRICS_PORT: '0',
        SNAPSHOT_EVERY_N_EVENTS: '5',
        SYNC_INTERVAL_MS: '500'
      }
    })
    t.teardown(async () => {
      await server.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    })
    const url = await server.ready
    const prometheus = await startPrometheus(folder, scrapedAt(server.output))
    t.teardown(() => prometheus.end())

    const giveUpAt = performance.now() + giveUpMs
    let silent = [...queries.keys()]
    let round = 0
    while (silent.length > 0 && performance.now() < giveUpAt) {
      await makeLoad(url, round++)
      if (await isScrapedTwice(prometheus)) silent = await withoutData(prometheus, silent)
    }
    t.strictSame(silent, [], 'panels without data')

    t.test('and the variables have values', async (t) => {
      for (const label of ['job', 'instance']) {
        const match = { 'match[]': 'inventory_sync_lag_events' }
        t.equal((await prometheus.get<string[]>(`label/${label}/values`, match)).length, 1, label)
      }
    })

    t.test('and the rules are evaluated, none with an error', async (t) => {
      const loaded = async () => {
        const { groups } = await prometheus.get<{
          groups: { rules: { name: string; health: string; lastError?: string }[] }[]
        }>('rules')
        return groups.flatMap((group) => group.rules)
      }
      let found = await loaded()
      while (found.some(({ health }) => health === 'unknown') && performance.now() < giveUpAt) {
        await makeLoad(url, round++)
        found = await loaded()
      }
      t.strictSame(
        found.map(({ name, health }) => [name, health]),
        rules().map(({ alert }) => [alert, 'ok'])
      )
    })
  }
)

/** A Prometheus with the rules, that scrapes one address every second. */
async function startPrometheus(folder: string, target: string): Promise<Prometheus> {
  copyFileSync(join(monitoringFolder, 'alerts.yml'), join(folder, 'alerts.yml'))
  const configuration = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml'],
    scrape_configs: [{ job_name: 'bincard', static_configs: [{ targets: [target] }] }]
  }
  writeFileSync(join(folder, 'prometheus.yml'), stringify(configuration))
  return Prometheus.start(folder)
}

/** Where the start line says that the metrics are. */
function scrapedAt(output: string): string {
  const [, target] = /metrics at http:\/\/([^/\s]+)\/metrics/.exec(output) ?? []
  if (target === undefined) throw new Error(`no metrics: ${output}`)
  return target
}

/** Some of everything that a panel shows: changes, a conflict, reads, a page of the feed, a wrong URL. */
async function makeLoad(url: string, round: number): Promise<void> {
  const post = (operation: string, body: object): Promise<Response> =>
    fetch(url + recordPath('S1', `SKU${round % 20}`, operation), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
  const statuses = await Promise.all(
    [
      ...Array.from({ length: 8 }, () => post('adjust', { delta: 1 })),
      post('adjust', { delta: 1, expectedVersion: 1_000_000 }),
      fetch(url + recordPath('S1', 'SKU0')),
      fetch(`${url}/v1/inventory/events?offset=1&limit=1`),
      fetch(`${url}/nowhere`)
    ].map(async (answer) => {
      const response = await answer
      await response.arrayBuffer()
      return response.status
    })
  )
  const unexpected = statuses.filter((status) => ![200, 201, 404, 409].includes(status))
  if (unexpected.length > 0) throw new Error(`answers with ${unexpected.join(', ')}`)
}

async function isScrapedTwice(prometheus: Prometheus): Promise<boolean> {
  try {
    return (await prometheus.query(`count_over_time(up[${windowSeconds}s]) >= 2`)).length > 0
  } catch (error) {
    if (error instanceof PrometheusStarting) return false
    throw error
  }
}

/** Those of the queries that say nothing: no series, or none with a number. */
async function withoutData(prometheus: Prometheus, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const samples = await prometheus.query(queries.get(name) ?? '')
      return samples.some(({ value: [, number] }) => Number.isFinite(Number(number)))
    })
  )
  return names.filter((_, index) => found[index] !== true)
}
