import { LedgerError, type Ledger } from '../../domain/ledger.ts'

const RECORDS_AT_ONCE = 128
/** So many reservations of one record are written down in one step: an order line may be held thousands of times. */
const RESERVATIONS_OF_RECORD_MAX = 64
/** Who passes has other things to do; what is left brings the next pass about. */
const ROUNDS_MAX = 64

/**
 * Writes an event for each reservation whose time has passed by the clock, where none says so yet, and returns how many
 * records it has found. Whoever comes first writes it: what others have written meanwhile is left alone. Of a ledger that
 * takes no writes at present it leaves all for the next time.
 */
export async function sweepExpired(ledger: Ledger, now: () => number, signal: AbortSignal): Promise<number> {
  let count = 0
  for (
    let round = 0;
    round < ROUNDS_MAX && !signal.aborted && ledger.health().status === 'open';
    round += 1
  ) {
    const at = now()
    const due = await ledger.due(at, RECORDS_AT_ONCE)
    if (due.length === 0) break
    count += due.length
    const lines = due.map(({ storeId, sku }) => ({
      command: { type: 'expire', storeId, sku, countMax: RESERVATIONS_OF_RECORD_MAX } as const
    }))
    try {
      await ledger.execute({ at, lines, atomic: false, actor: 'expiry sweep' })
    } catch (error) {
      // The ledger itself says what it suffers from, and reads go on.
      if (error instanceof LedgerError) break
      throw error
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return count
}
