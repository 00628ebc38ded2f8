import type { Test } from 'tap'
import type { ServiceClient } from './service-client.ts'

export async function callHealth(t: Test, client: ServiceClient): Promise<void> {
  const { data: health } = await client.GET('/api/health')
  const status: 'healthy' | 'degraded' | undefined = health?.data.status
  t.equal(status, 'healthy')
  const { data: liveness } = await client.GET('/api/health/liveness')
  t.equal(liveness?.status, 'ok')
}
