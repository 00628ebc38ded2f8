// One process that works on a ledger until it is done or the file system lets it die.
import { openWalLedger, type WalLedgerOptions } from '../../../adapters/wal/open-wal-ledger.ts'
import type { WalLedger } from '../../../adapters/wal/wal-ledger.ts'
import type { FileSystem } from '../../../adapters/file-system/file-system.ts'
import { MemoryFileSystem } from '../../../adapters/file-system/memory-file-system.ts'
import type { Ledger } from '../../../domain/ledger.ts'
import type { Outcome } from '../../../domain/unit.ts'
import type { Action, PlannedUnit } from './workload.ts'

export const dataFolder = '/var/bincard'

/** A disk whose calls do not wait for the event loop, which makes thousands of runs quick. */
export function quickDisk(): MemoryFileSystem {
  return new MemoryFileSystem({ schedule: async () => undefined })
}

/** A unit that was asked, and what its caller got: no outcome where the caller was left in doubt. */
export interface Asked {
  readonly planned: PlannedUnit
  readonly outcome?: Outcome
  readonly error?: unknown
}

export interface Run {
  readonly asked: Asked[]
  /** The ledger that was open at the end; none where it was closed, or died on its way up or down. */
  readonly ledger?: WalLedger
  readonly error?: unknown
}

export type Settings = Partial<WalLedgerOptions>

export function openOn(fileSystem: FileSystem, settings: Settings = {}): Promise<WalLedger> {
  return openWalLedger({ dataFolder, fileSystem, now: () => 1_000_000, segmentBytesMax: 3000, ...settings })
}

/** Carries out the actions on a ledger of its own. Rejects never: where something dies, that is how the run ends. */
export async function run(
  fileSystem: FileSystem,
  actions: readonly Action[],
  settings?: Settings
): Promise<Run> {
  const asked: Asked[] = []
  let ledger: WalLedger | undefined
  try {
    ledger = await openOn(fileSystem, settings)
    for (const action of actions) {
      if (action.kind === 'ask') asked.push(...(await ask(ledger, action.units)))
      else {
        const closing = ledger
        ledger = undefined
        await closing.close()
        ledger = await openOn(fileSystem, settings)
      }
      if (ledger.health().status !== 'open') break
    }
    return { asked, ledger }
  } catch (error) {
    return ledger === undefined ? { asked, error } : { asked, ledger, error }
  }
}

/** Asks all at once and waits for every answer. */
export async function ask(ledger: Pick<Ledger, 'execute'>, units: readonly PlannedUnit[]): Promise<Asked[]> {
  const settled = await Promise.allSettled(units.map((planned) => ledger.execute(planned.unit)))
  return settled.map((result, index) => {
    const planned = units[index]!
    if (result.status === 'fulfilled') return { planned, outcome: result.value }
    return { planned, error: result.reason as unknown }
  })
}
