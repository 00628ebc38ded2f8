import { SyncError, type Synchronization } from '../../domain/synchronization.ts'
import { BreakerOpenError, type Breaker } from './breaker.ts'
import type { Bulkhead } from './bulkhead.ts'

/** Whether the error says that the worker does not work; that it is busy or being closed does not. */
export function isSyncFailure(error: Error): boolean {
  return !(error instanceof SyncError && error.code !== 'failed')
}

/**
 * The synchronization as requests come to it: so much work at once, and nothing while its breaker is open. Reads of the
 * model take no turn, for they may wait for a pass.
 */
export function guardedSynchronization(
  inner: Synchronization,
  breaker: Breaker,
  turns: Bulkhead
): Synchronization {
  const guarded = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    try {
      return await breaker.run(call)
    } catch (error) {
      if (!(error instanceof BreakerOpenError)) throw error
      const { retryAfterMs } = error
      throw new SyncError('circuit_open', 'the sync worker fails again and again', { retryAfterMs })
    }
  }
  return {
    pass: () => guarded(() => turns.run(() => inner.pass())),
    retry: (id) => guarded(() => turns.run(() => inner.retry(id))),
    discard: (id) => guarded(() => turns.run(() => inner.discard(id))),
    deadLetters: (after, limit) => guarded(() => turns.run(() => inner.deadLetters(after, limit))),
    stock: (sku, query) => guarded(() => inner.stock(sku, query)),
    stocks: (after, limit, query) => guarded(() => inner.stocks(after, limit, query)),
    // How it is, and whether it works, is asked most where it does not.
    status: () => inner.status(),
    health: () => inner.health(),
    start: (intervalMs) => inner.start(intervalMs),
    stop: () => inner.stop(),
    close: () => inner.close()
  }
}
