import type { Command } from './commands.ts'
import type { RecordState } from './record.ts'

/** What every event says of its record: `delta` more in its quantity and `held` more in its reservations. */
export function continuation(state: RecordState, delta: number, held: number) {
  return {
    storeId: state.storeId,
    sku: state.sku,
    base: state.lastUnit,
    delta,
    qty: state.qty + delta,
    reserved: state.reserved + held,
    version: state.version + 1
  }
}

/** Why the command was given, as far as its caller said it. */
export function because(command: Command): { reason?: string; reference?: string } | undefined {
  const { reason, reference } = command
  if (reason === undefined) return reference === undefined ? undefined : { reference }
  return reference === undefined ? { reason } : { reason, reference }
}
