import type { Command, Precondition } from './commands.ts'
import { exists, type RecordState } from './record.ts'
import type { Refusal } from './refusals.ts'

/** Why the command cannot even be looked at: its record must be there, or must not be, or is at another version. */
export function refuseTarget(state: RecordState, command: Command): Refusal | undefined {
  const { storeId, sku } = state
  const isThere = exists(state)
  if (!isThere && !creates(command, state)) return { code: 'not_found', storeId, sku }
  if (isThere && command.type === 'create_product') return { code: 'already_exists', storeId, sku }
  const { precondition } = command
  if (precondition === undefined || holds(precondition, state.version)) return undefined
  return {
    code: 'version_conflict',
    storeId,
    sku,
    expected: expectation(precondition),
    actual: state.version
  }
}

/** What was deleted comes back by being created again only, not by units that arrive late. */
function creates(command: Command, state: RecordState): boolean {
  if (command.type === 'create_product') return true
  return (
    command.type === 'adjust' && command.delta > 0 && command.existingOnly !== true && state.version === 0
  )
}

function holds(precondition: Precondition, version: number): boolean {
  switch (precondition.kind) {
    case 'version':
      return precondition.version === version
    case 'versions':
      return precondition.versions.includes(version)
    case 'exists':
      return version > 0
    case 'absent':
      return version === 0
    default:
      return precondition satisfies never
  }
}

function expectation(precondition: Precondition): number | readonly number[] | '*' {
  switch (precondition.kind) {
    case 'version':
      return precondition.version
    case 'versions':
      return precondition.versions.length === 1 ? (precondition.versions[0] ?? 0) : precondition.versions
    case 'exists':
      return '*'
    case 'absent':
      return 0
    default:
      return precondition satisfies never
  }
}
