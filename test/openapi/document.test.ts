import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { servedDocument } from '../../openapi/document.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const committed = (name: string) => readFile(join(root, 'openapi', name), 'utf8')

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly requestBody?: { content: Record<string, { examples?: object }> }
  readonly responses: Record<string, { content?: Record<string, { examples?: object }>; $ref?: string }>
}

type Paths = Record<string, Record<string, Operation>>

t.test('the committed document is the one that is served', async (t) => {
  const served = await servedDocument()
  const advice = 'run `npm run openapi` and commit what it writes'
  t.equal(served.json, await committed('openapi.json'), advice)
  t.equal(served.yaml, await committed('openapi.yaml'), advice)
  t.strictSame(parse(served.yaml), JSON.parse(served.json), 'both forms say the same')
})

t.test('a standard linter finds no error in it', async (t) => {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true'
  }
  const cli = join(root, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js')
  const { stdout } = await run(process.execPath, [cli, 'lint', '--format=json', 'openapi/openapi.yaml'], {
    cwd: root,
    env
  })
  const { totals, problems } = JSON.parse(stdout) as { totals: { errors: number }; problems: unknown[] }
  t.equal(totals.errors, 0, JSON.stringify(problems))
})

t.test('it has the canonical paths and nothing else', async (t) => {
  const { paths } = JSON.parse(await committed('openapi.json')) as { paths: Paths }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`)
  )
  const record = '/api/inventory/stores/{storeId}/inventory/{sku}'
  t.strictSame(operations.sort(), [
    'delete /api/sync/dead-letters/{id} discardDeadLetter',
    'delete /v1/admin/products/delete deleteProducts',
    'get /api/central/inventory listCentralStock',
    'get /api/central/inventory/{sku} getCentralStock',
    'get /api/health getHealth',
    'get /api/health/liveness getLiveness',
    'get /api/health/metrics getHealthMetrics',
    'get /api/health/readiness getReadiness',
    'get /api/inventory/stores/{storeId}/inventory listStockRecords',
    `get ${record} getStockRecord`,
    `get ${record}/events listStockEvents`,
    `get ${record}/reservations listRecordReservations`,
    `get ${record}/reservations/{reservationId} getReservation`,
    'get /api/inventory/stores/{storeId}/reservations listStoreReservations',
    'get /api/log-level getLogLevel',
    'get /api/metrics getMetrics',
    'get /api/sync/dead-letters listDeadLetters',
    'get /api/sync/status getSyncStatus',
    'get /v1/admin/rate-limit/status getRateLimitStatus',
    'get /v1/inventory listProducts',
    'get /v1/inventory/events listEvents',
    'get /v1/inventory/{productId} getProduct',
    'post /api/inventory/movements postMovements',
    `post ${record}/adjust adjustStock`,
    `post ${record}/commit commitStock`,
    `post ${record}/release releaseStock`,
    `post ${record}/reservations/{reservationId}/extend extendReservation`,
    `post ${record}/reserve reserveStock`,
    'post /api/metrics/reset resetMetrics',
    'post /api/sync syncNow',
    'post /api/sync/dead-letters/{id}/retry retryDeadLetter',
    'post /api/sync/start startSync',
    'post /api/sync/stop stopSync',
    'post /v1/admin/products/create createProducts',
    'post /v1/inventory/updates postUpdates',
    'put /api/log-level setLogLevel',
    'put /v1/admin/products/set setProducts'
  ])
})

t.test('every operation says what it is, shows examples and lists its errors', async (t) => {
  const { paths } = JSON.parse(await committed('openapi.json')) as { paths: Paths }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const place = `${method} ${path}`
      t.ok(operation.summary && operation.description && operation.tags?.length, place)
      t.ok(operation.security, `${place} says whether it needs a key`)
      t.ok(operation.responses['200']?.content?.['application/json']?.examples, `${place} shows an answer`)
      t.ok(operation.responses['500']?.$ref, `${place} can fail`)
      if (operation.requestBody === undefined) continue
      t.ok(operation.requestBody.content['application/json']?.examples, `${place} shows a request`)
      const decidesOnStock = operation.tags?.some((tag) => ['stock', 'products'].includes(tag))
      for (const status of [400, 413, 415, ...(decidesOnStock ? [404, 409, 412, 422, 503] : [])]) {
        t.ok(operation.responses[status], `${place} lists ${status}`)
      }
    }
  }
})
