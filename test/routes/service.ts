import { v7 as newKey } from 'uuid'
import type { LightMyRequestResponse } from 'fastify'
import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { loadConfiguration, type Configuration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import { unpressed } from '../app/unpressed.ts'
import { validatedInject, type ValidatedInject } from '../openapi/response-validation.ts'

export interface TestService {
  readonly inject: ValidatedInject
  readonly ledger: Ledger
  /** The time that the service believes it is. */
  now: number
  post(url: string, payload: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

export interface TestServiceOptions {
  readonly configuration?: Partial<Configuration>
  readonly ledger?: Ledger
}

interface Test {
  teardown(handler: () => unknown): void
}

/** A service as it runs in production, over a memory ledger, its clock in the test's hand. */
export async function startService(t: Test, options: TestServiceOptions = {}): Promise<TestService> {
  const { ledger = new MemoryLedger() } = options
  const time = { now: Date.now() }
  const clock = () => time.now
  const defaults = loadConfiguration({})
  // A test asks as often as it likes; one about limits says which.
  const unlimited = { ...defaults, rateLimit: { ...defaults.rateLimit, enabled: false } }
  const server = await buildServer(
    { ...unlimited, ...options.configuration },
    { ledger, clock, pressure: unpressed }
  )
  t.teardown(() => server.close())
  const inject = await validatedInject(server)
  return {
    inject,
    ledger,
    get now() {
      return time.now
    },
    set now(at) {
      time.now = at
    },
    post: (url, payload, headers = {}) =>
      inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload)
      }),
    get: (url, headers = {}) => inject({ method: 'GET', url, headers })
  }
}

/** The canonical path of a record or of one of its operations. */
export function recordPath(storeId: string, sku: string, operation?: string): string {
  const path = `/api/inventory/stores/${encodeURIComponent(storeId)}/inventory/${encodeURIComponent(sku)}`
  return operation === undefined ? path : `${path}/${operation}`
}

/** A header with a key that nobody used yet. */
export function freshKey(): { 'idempotency-key': string } {
  return { 'idempotency-key': newKey() }
}
