import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import t from 'tap'
import { dashboardText } from '../../monitoring/dashboard.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { measureProcess } from '../../plugins/metrics/scrape-server.ts'
import { buildServer } from '../../server.ts'
import { until } from '../adapters/sync/manual-clock.ts'
import { parseExposition } from '../plugins/metrics/exposition.ts'
import { recordPath } from '../routes/service.ts'
import { committedDashboard, metricsIn, read, rules, type Panel } from './files.ts'

const { panels, templating, schemaVersion } = committedDashboard()
const shown = panels.filter(({ type }) => type !== 'row')

t.test('the committed dashboard is what its source makes; otherwise: npm run dashboard', async (t) => {
  t.equal(read('grafana-dashboard.json'), dashboardText())
})

t.test('panels in rows that follow the questions of an operator', async (t) => {
  t.ok(shown.length >= 33, `${shown.length} panels`)
  t.strictSame(
    panels.filter(({ type }) => type === 'row').map(({ title }) => title),
    [
      'Is it healthy?',
      'Is it fast?',
      'Is stock safe?',
      'Who is calling?',
      'What is the worker doing?',
      'What is the disk doing?'
    ]
  )
  t.equal(panels[0]?.type, 'row', 'every panel is in one')
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'ids are unique')
  t.equal(new Set(panels.map(({ title }) => title)).size, panels.length, 'titles are, too')
})

t.test('Grafana can import it and ask any Prometheus', async (t) => {
  t.ok(Number.isInteger(schemaVersion) && schemaVersion >= 41)
  t.strictSame(
    templating.list.map(({ name, type }) => [name, type]),
    [
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query']
    ]
  )
  for (const { title, description, datasource, fieldConfig, targets = [] } of shown) {
    t.equal(datasource?.uid, `\${datasource}`, title)
    t.match(description, /^.{20,}\.$/, `${title} says what to do`)
    t.ok(fieldConfig?.defaults.unit, `${title} has a unit`)
    t.ok(targets.length > 0, `${title} asks something`)
    t.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length)
    for (const { expr, legendFormat } of targets) {
      t.notMatch(expr, /\$(service|window)/, title)
      t.ok(legendFormat, `${title} names its lines`)
    }
  }
})

t.test('no panel covers another', async (t) => {
  const cells = new Set<string>()
  for (const { title, gridPos } of panels) {
    t.ok(gridPos.x + gridPos.w <= 24, `${title} is within the grid`)
    const taken = cellsOf({ gridPos })
    t.notOk(
      taken.some((cell) => cells.has(cell)),
      title
    )
    for (const cell of taken) cells.add(cell)
  }
})

t.test('panels and alerts ask for metrics that a service exposes, nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bincard-dashboard-'))
  const registry = new Registry()
  measureProcess(registry)
  const configuration = loadConfiguration({
    DATA_DIR: folder,
    DATA_PATH: '',
    SNAPSHOT_EVERY_N_EVENTS: '1',
    SYNC_INTERVAL_MS: '100'
  })
  const server = await buildServer(configuration, { registry })
  t.teardown(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const url = recordPath('S1', 'A', 'adjust')
  t.equal((await server.inject({ method: 'POST', url, payload: { delta: 1 } })).statusCode, 200)
  t.equal((await server.inject('/nowhere')).statusCode, 404)
  const exposed = async () => parseExposition(await registry.metrics())
  await until(async () => (await exposed()).get('inventory_snapshot_age_seconds')?.samples.length === 1)

  const names = new Set(
    [...(await exposed()).values()].flatMap(({ samples }) => samples.map(({ name }) => name))
  )
  const asked = new Map([
    ...rules().map(({ alert, expr }) => [alert, expr] as const),
    ...shown.map(({ title, targets = [] }) => [title, targets.map(({ expr }) => expr).join('\n')] as const)
  ])
  for (const [title, expression] of asked) {
    const unknown = metricsIn(expression).filter((name) => !names.has(name))
    // What garbage collection took is there from the first on.
    t.strictSame(
      unknown.filter((name) => name !== 'nodejs_gc_duration_seconds_sum'),
      [],
      title
    )
    t.ok(metricsIn(expression).length > 0 || /\bup\b|\bALERTS\b/.test(expression), `${title} asks for one`)
  }
})

function cellsOf({ gridPos: { x, y, w, h } }: Pick<Panel, 'gridPos'>): string[] {
  return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`)
}
