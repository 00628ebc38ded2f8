import { ConfigurationError } from './configuration-error.ts'
import { durationMs } from './duration.ts'
import { notAllowed, type Variables } from './variables.ts'

const defaultTtlMs = 300_000
const longestTtlMs = 31 * 24 * 60 * 60 * 1000
const defaultCleanupIntervalMs = 30_000
const longestCleanupIntervalMs = 24 * 60 * 60 * 1000
const shortestMs = 1000

/** How long answers are remembered, in milliseconds. */
export function idempotencyTtl({ IDEMP_TTL_MS, IDEMPOTENCY_CACHE_TTL }: Variables): number {
  if (IDEMPOTENCY_CACHE_TTL === undefined) return IDEMP_TTL_MS ?? defaultTtlMs
  const ttlMs = durationMs(IDEMPOTENCY_CACHE_TTL) ?? 0
  if (ttlMs < shortestMs || ttlMs > longestTtlMs) {
    throw notAllowed('IDEMPOTENCY_CACHE_TTL', IDEMPOTENCY_CACHE_TTL)
  }
  if (IDEMP_TTL_MS !== undefined && IDEMP_TTL_MS !== ttlMs) {
    const allowed = `only what IDEMP_TTL_MS says (${IDEMP_TTL_MS} ms)`
    throw new ConfigurationError('IDEMPOTENCY_CACHE_TTL', JSON.stringify(IDEMPOTENCY_CACHE_TTL), allowed)
  }
  return ttlMs
}

/** How often answers that are remembered no longer are let go where nobody writes, in milliseconds. */
export function idempotencyCleanupInterval({ IDEMPOTENCY_CACHE_CLEANUP_INTERVAL: text }: Variables): number {
  if (text === undefined) return defaultCleanupIntervalMs
  const intervalMs = durationMs(text) ?? 0
  if (intervalMs >= shortestMs && intervalMs <= longestCleanupIntervalMs) return intervalMs
  throw notAllowed('IDEMPOTENCY_CACHE_CLEANUP_INTERVAL', text)
}
