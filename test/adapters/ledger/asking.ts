import type { Command } from '../../../domain/commands.ts'
import type { Ledger } from '../../../domain/ledger.ts'
import type { Outcome, SequencedEvent, Unit } from '../../../domain/unit.ts'
import { adjust, separate, storeId } from '../../domain/units.ts'

/** The instant of reads, in milliseconds since the epoch: that at which test/domain/units.ts writes. */
export const now = 100

/** An outcome in short: quantity and version of each applied line, the code of each refused one. */
export function inShort(outcome: Outcome): unknown {
  if (outcome.kind === 'key_conflict') return `conflict ${outcome.key}`
  const { results, refusedLine } = outcome.answer
  const lines = results.map((result) => {
    const told = result.applied ? `${result.record.qty} v${result.record.version}` : result.refusal.code
    return result.replayed === true ? `again ${told}` : told
  })
  const shown = refusedLine === undefined ? lines : { refusedLine, lines }
  return outcome.replayed ? { replayed: shown } : shown
}

/** Executes the unit and tells its outcome in short. */
export async function ask(ledger: Ledger, unit: Unit): Promise<unknown> {
  return inShort(await ledger.execute(unit))
}

/** Executes each command as a unit of its own, one after the other. */
export async function carryOut(ledger: Ledger, ...commands: Command[]): Promise<void> {
  for (const command of commands) await ledger.execute(separate([command]))
}

/** Puts this stock into `storeId`. */
export function stock(ledger: Ledger, quantities: Readonly<Record<string, number>>): Promise<void> {
  return carryOut(ledger, ...Object.entries(quantities).map(([sku, qty]) => adjust(sku, qty)))
}

/** Quantity, held units and version of a record, undefined where it does not exist. */
export async function look(ledger: Ledger, sku: string, at = now): Promise<unknown> {
  const record = await ledger.get(storeId, sku, at)
  return record && `${record.qty}+${record.reserved} v${record.version}`
}

/** All events there are. */
export function feed(ledger: Ledger): Promise<readonly SequencedEvent[]> {
  return ledger.read(1, Number.MAX_SAFE_INTEGER)
}

/** Sequence, SKU and change of each event. */
export function changes(events: readonly SequencedEvent[]): string[] {
  return events.map(({ sequence, event }) => `${sequence} ${event.sku} ${event.delta}`)
}
