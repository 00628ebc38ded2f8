import type { Test } from 'tap'
import type { ServiceClient } from './service-client.ts'

export async function callHealth(t: Test, client: ServiceClient): Promise<void> {
  const { data: health } = await client.GET('/api/health')
  const status: 'healthy' | 'degraded' | undefined = health?.data.status
  t.equal(status, 'healthy')
  const { data: liveness } = await client.GET('/api/health/liveness')
  t.equal(liveness?.status, 'ok')
  const { data: readiness } = await client.GET('/api/health/readiness')
  t.match(readiness, { ready: true, breakers: { ledger: { state: 'closed' } }, criticalBreakersOpen: [] })
  const { data: metrics } = await client.GET('/api/health/metrics')
  t.match(metrics?.data, { counters: { shed: 0 }, bulkheads: { api: { limit: 16, active: 0, queued: 0 } } })
}

export async function callMetrics(t: Test, client: ServiceClient): Promise<void> {
  const counted = await client.GET('/api/metrics')
  const requests: number | undefined = counted.data?.data.requests
  t.ok((requests ?? 0) > 0)
  const reset = await client.POST('/api/metrics/reset')
  t.equal(reset.data?.success, true)
  const level = await client.GET('/api/log-level')
  t.equal(level.data?.data.level, 'silent')
  const changed = await client.PUT('/api/log-level', { body: { level: 'warn' } })
  t.equal(changed.data?.success, true)
}
