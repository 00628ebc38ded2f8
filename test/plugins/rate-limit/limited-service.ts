import type { Test } from 'tap'
import {
  loadConfiguration,
  type Configuration,
  type RateLimits
} from '../../../plugins/configuration/configuration.ts'
import { recordPath, startService, type TestService } from '../../routes/service.ts'

export const { rateLimit: defaults } = loadConfiguration({})

/** A path of each of the limited APIs; but for the last there is nothing. */
export const record = recordPath('S1', 'K1')
export const product = '/v1/inventory/P1'
export const status = '/v1/admin/rate-limit/status'

/** A service with the default limits but for these. */
export function limitedService(
  t: Test,
  limits: Partial<RateLimits>,
  configuration: Partial<Configuration> = {}
): Promise<TestService> {
  return startService(t, { configuration: { ...configuration, rateLimit: { ...defaults, ...limits } } })
}

/** The statuses of so many requests to the same place. */
export async function statuses(
  service: TestService,
  url: string,
  requests: number,
  options: { remoteAddress?: string; headers?: Record<string, string> } = {}
): Promise<number[]> {
  const answered: number[] = []
  for (let request = 0; request < requests; request++) {
    answered.push((await service.inject({ method: 'GET', url, ...options })).statusCode)
  }
  return answered
}
