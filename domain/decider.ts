import type { Command } from './commands.ts'
import { continuation } from './continuation.ts'
import type { StockEvent } from './events.ts'
import { evolve } from './evolution.ts'
import { refuseTarget } from './existence.ts'
import { decideCreation, decideDeletion, decideSetting } from './product-decisions.ts'
import { lapsed, type RecordState } from './record.ts'
import type { Refusal } from './refusals.ts'
import { decideAdjust, decideExtension, decideReserve, decideResolution } from './stock-decisions.ts'

/** The events that a command leads to, never none, or why it leads to none. */
export type Decision =
  | { readonly accepted: true; readonly events: readonly StockEvent[]; readonly state: RecordState }
  | { readonly accepted: false; readonly refusal: Refusal }

/** The unit a command is part of and the instant it is decided for, in milliseconds since the epoch. */
export interface DecisionContext {
  readonly unitId: string
  readonly at: number
}

/**
 * Decides one command on the state of its record. Refusals in order of precedence: not_found, already_exists,
 * version_conflict, reservation_not_found, reservation_exceeded, insufficient_stock, reservations_open, quantity_overflow;
 * nothing_expired only where expiry itself is asked for. Reservations whose time has passed are expired first, by events
 * of their own in the same decision; a refusal writes none of them.
 */
export function decide(state: RecordState, command: Command, context: DecisionContext): Decision {
  const refusal = refuseTarget(state, command)
  if (refusal !== undefined) return { accepted: false, refusal }

  if (state.open === undefined || state.open.soonestExpiry > context.at) {
    const decided = decideOwn(state, command)
    if ('code' in decided) return { accepted: false, refusal: decided }
    return {
      accepted: true,
      events: [decided],
      state: evolve(state, decided, context.unitId, context.at)
    }
  }
  return decideAfterExpiry(state, command, context)
}

/** The events by which the reservations lapsed at `context.at` end, at most `countMax`, and the state after them. */
export function expire(
  state: RecordState,
  context: DecisionContext,
  countMax = Infinity
): { readonly events: readonly StockEvent[]; readonly state: RecordState } {
  const events: StockEvent[] = []
  let current = state
  for (const { id, units } of lapsed(state, context.at).slice(0, countMax)) {
    const event: StockEvent = {
      type: 'expired',
      ...continuation(current, units, -units),
      reservationId: id,
      units
    }
    current = evolve(current, event, context.unitId, context.at)
    events.push(event)
  }
  return { events, state: current }
}

function decideAfterExpiry(state: RecordState, command: Command, context: DecisionContext): Decision {
  if (command.type === 'expire') return { accepted: true, ...expire(state, context, command.countMax) }
  const expired = expire(state, context)
  const decided = decideOwn(expired.state, command)
  if ('code' in decided) return { accepted: false, refusal: withExpiry(decided, state) }
  return {
    accepted: true,
    events: [...expired.events, decided],
    state: evolve(expired.state, decided, context.unitId, context.at)
  }
}

/** That its time has passed is known, though no event says so yet. */
function withExpiry(refusal: Refusal, state: RecordState): Refusal {
  if (refusal.code !== 'reservation_not_found') return refusal
  const at = state.open?.byId.get(refusal.reservationId)?.expiresAt
  return at === undefined ? refusal : { ...refusal, ended: { status: 'expired', at } }
}

function decideOwn(state: RecordState, command: Command): StockEvent | Refusal {
  switch (command.type) {
    case 'adjust':
      return decideAdjust(state, command)
    case 'reserve':
      return decideReserve(state, command)
    case 'extend':
      return decideExtension(state, command)
    case 'release':
    case 'commit':
      return decideResolution(state, command)
    case 'expire':
      return { code: 'nothing_expired', storeId: state.storeId, sku: state.sku }
    case 'create_product':
      return decideCreation(state, command)
    case 'set_product':
      return decideSetting(state, command)
    case 'delete_product':
      return decideDeletion(state, command)
    default:
      return command satisfies never
  }
}
