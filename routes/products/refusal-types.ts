import type { Refusal } from '../../domain/refusals.ts'
import type { RefusalType } from '../../plugins/schemas/updates.ts'

/** The name that callers of the central API know a refusal by. */
export function refusalType({ code }: Refusal): RefusalType {
  switch (code) {
    case 'version_conflict':
    case 'already_exists':
    case 'idempotency_conflict':
      return code
    case 'not_found':
    case 'reservation_not_found':
    case 'nothing_expired':
      return 'not_found'
    // Units that reservations hold are not there to be taken either.
    case 'insufficient_stock':
    case 'reservation_exceeded':
    case 'reservations_open':
      return 'insufficient_stock'
    case 'quantity_overflow':
      return 'validation_error'
    default:
      return code satisfies never
  }
}
