import type { Retained, SnapshotWritten } from '../../adapters/wal/log-upkeep.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { requireUnit } from './unit-check.ts'

/** The ledger in a folder, and what keeps its log in order. */
export interface WalStore extends Ledger {
  /** Writes the state after all that the log holds at the call into the folder, so that a start need not read it all. */
  writeSnapshot(): Promise<SnapshotWritten>
  /**
   * Removes the oldest parts of the log as far as the newest `eventCount` events stay, all readers have come past them
   * (`checkpoint` is the event up to which the last one has) and two snapshots cover them.
   */
  retain(eventCount: number | undefined, checkpoint: number): Promise<Retained>
}

/** The same store for callers whom nobody has checked: what is no unit is refused with a TypeError. */
export function checkedStore(store: WalStore): WalStore {
  return {
    execute: async (unit) => {
      requireUnit(unit)
      return await store.execute(unit)
    },
    get: (...asked) => store.get(...asked),
    list: (...asked) => store.list(...asked),
    reservation: (...asked) => store.reservation(...asked),
    reservations: (...asked) => store.reservations(...asked),
    due: (...asked) => store.due(...asked),
    history: (...asked) => store.history(...asked),
    read: (...asked) => store.read(...asked),
    readPrintable: (...asked) => store.readPrintable(...asked),
    waitFor: (...asked) => store.waitFor(...asked),
    health: () => store.health(),
    figures: () => store.figures(),
    writeSnapshot: () => store.writeSnapshot(),
    retain: (...asked) => store.retain(...asked),
    close: () => store.close()
  }
}
