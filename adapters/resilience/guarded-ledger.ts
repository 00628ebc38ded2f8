import { LedgerError, type Ledger } from '../../domain/ledger.ts'
import type { Outcome } from '../../domain/unit.ts'
import { BreakerOpenError, type Breaker } from './breaker.ts'
import type { Bulkhead } from './bulkhead.ts'

const failures: readonly LedgerError['code'][] = ['in_doubt', 'read_only', 'damaged']

/** Whether the error says that the ledger does not work; what is wrong with a unit, or comes too often, does not. */
export function isLedgerFailure(error: Error): boolean {
  if (error instanceof LedgerError) return failures.includes(error.code)
  return 'code' in error
}

export interface GuardedLedgerOptions {
  readonly inner: Ledger
  /** Counts how writes end, and lets none through while it is open. Reads are not asked for their way. */
  readonly breaker: Breaker
  /**
   * The turns of calls with much to do: units of several lines, lists, histories. One change of one record and one record
   * read take no turn: all that wait are written together, so making them wait for each other would gain nothing.
   */
  readonly turns: Bulkhead
}

/** The ledger as requests come to it: behind a circuit breaker, with a bound for calls that have much to do. */
export function guardedLedger({ inner, breaker, turns }: GuardedLedgerOptions): Ledger {
  return {
    execute: (unit) => {
      const execute = (): Promise<Outcome> => inner.execute(unit)
      const call = unit.lines.length === 1 ? execute : () => turns.run(execute)
      if (breaker.state === 'closed') return breaker.observe(call)
      return breaker.run(call).catch((error: unknown) => {
        throw error instanceof BreakerOpenError ? refusal(inner, error) : error
      })
    },
    get: (storeId, sku, at) => inner.get(storeId, sku, at),
    list: (query, at) => turns.run(() => inner.list(query, at)),
    history: (query) => turns.run(() => inner.history(query)),
    reservation: (storeId, sku, id, at) => inner.reservation(storeId, sku, id, at),
    reservations: (query, at) => turns.run(() => inner.reservations(query, at)),
    due: (at, limit) => inner.due(at, limit),
    read: (fromSequence, limit) => inner.read(fromSequence, limit),
    readPrintable: (fromSequence, limit) => inner.readPrintable(fromSequence, limit),
    waitFor: (sequence, signal) => inner.waitFor(sequence, signal),
    health: () => inner.health(),
    figures: () => inner.figures(),
    close: () => inner.close()
  }
}

function refusal(ledger: Ledger, { message, retryAfterMs }: BreakerOpenError): LedgerError {
  return new LedgerError('read_only', ledger.health().cause ?? message, { retryAfterMs })
}
