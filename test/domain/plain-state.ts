import type { Reservation } from '../../domain/open-reservations.ts'
import type { RecordState } from '../../domain/record.ts'

/** A record's state with its reservations as a sorted list, so that equal states are deeply equal. */
export interface PlainState extends Omit<RecordState, 'open'> {
  readonly reservations: readonly Reservation[]
  readonly soonestExpiry: number
}

export function plain(state: RecordState): PlainState {
  const { open, ...rest } = state
  const reservations = [...(open?.byId.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { ...rest, reservations, soonestExpiry: open?.soonestExpiry ?? Infinity }
}
