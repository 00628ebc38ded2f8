import { ConfigurationError } from './configuration-error.ts'
import type { Variables } from './variables.ts'

/** What keeps a fault, or too much work, in one place from spreading. */
export interface ResilienceSettings {
  /** The share of failures that opens a circuit breaker. */
  readonly breakerThreshold: number
  readonly breakerCooldownMs: number
  readonly concurrencyApi: number
  readonly concurrencySync: number
  readonly concurrencyFileSystem: number
  /** Requests that may wait past `concurrencyApi` before more are turned away. */
  readonly queuedRequestsMax: number
}

export function resilienceSettings(variables: Variables): ResilienceSettings {
  return {
    breakerThreshold: variables.BREAKER_THRESHOLD,
    breakerCooldownMs: variables.BREAKER_COOLDOWN_MS,
    concurrencyApi: variables.CONCURRENCY_API,
    concurrencySync: variables.CONCURRENCY_SYNC,
    concurrencyFileSystem: variables.CONCURRENCY_FS,
    queuedRequestsMax: variables.LOAD_SHED_QUEUE_MAX
  }
}

/**
 * The origins whose pages may call: a list, `*` for those of everybody, none where the variable is not given. Throws a
 * ConfigurationError for what is no origin, so that a slash too many is not found out in a browser.
 */
export function corsOrigins(text: string | undefined): readonly string[] | '*' {
  if (text === undefined) return []
  if (text === '*') return '*'
  const origins = text.split(',').map((origin) => origin.trim())
  if (origins.every(isOrigin)) return origins
  const allowed = '*, or origins such as https://shop.example with commas between them'
  throw new ConfigurationError('CORS_ORIGIN', JSON.stringify(text), allowed)
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
