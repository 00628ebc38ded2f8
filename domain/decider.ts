import type { Adjust, Command, Commit, Precondition, Release, Reserve } from './commands.ts'
import type { StockEvent } from './events.ts'
import { evolve } from './evolution.ts'
import { lapsed, type RecordState } from './record.ts'
import type { Refusal } from './refusals.ts'

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
 * Decides one command on the state of its record. Refusals in order of precedence: not_found,
 * version_conflict, reservation_not_found, reservation_exceeded, insufficient_stock, quantity_overflow.
 * Reservations whose time has passed are expired first, by events of their own in the same decision.
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

/** The events by which the reservations lapsed at `context.at` end, and the state after them. */
export function expire(
  state: RecordState,
  context: DecisionContext
): { readonly events: readonly StockEvent[]; readonly state: RecordState } {
  const events: StockEvent[] = []
  let current = state
  for (const { id, units } of lapsed(state, context.at)) {
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
  const expired = expire(state, context)
  const decided = decideOwn(expired.state, command)
  if ('code' in decided) return { accepted: false, refusal: decided }
  return {
    accepted: true,
    events: [...expired.events, decided],
    state: evolve(expired.state, decided, context.unitId, context.at)
  }
}

function refuseTarget(state: RecordState, command: Command): Refusal | undefined {
  const { storeId, sku } = state
  if (state.version === 0 && !(command.type === 'adjust' && command.delta > 0)) {
    return { code: 'not_found', storeId, sku }
  }
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

function holds(precondition: Precondition, version: number): boolean {
  switch (precondition.kind) {
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

function decideOwn(state: RecordState, command: Command): StockEvent | Refusal {
  switch (command.type) {
    case 'adjust':
      return decideAdjust(state, command)
    case 'reserve':
      return decideReserve(state, command)
    case 'release':
    case 'commit':
      return decideResolution(state, command)
    default:
      return command satisfies never
  }
}

function decideAdjust(state: RecordState, command: Adjust): StockEvent | Refusal {
  const { delta } = command
  if (state.qty + delta < 0) return insufficient(state, -delta)
  if (!Number.isSafeInteger(state.qty + state.reserved + delta)) return overflow(state, delta)
  return { type: 'adjusted', ...continuation(state, delta, 0), ...because(command) }
}

function decideReserve(state: RecordState, command: Reserve): StockEvent | Refusal {
  const { qty, reservationId, expiresAt } = command
  if (state.qty < qty) return insufficient(state, qty)
  return {
    type: 'reserved',
    ...continuation(state, -qty, qty),
    reservationId,
    units: qty,
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...because(command)
  }
}

function decideResolution(state: RecordState, command: Release | Commit): StockEvent | Refusal {
  const { storeId, sku } = state
  const { reservationId } = command
  const reservation = state.open?.byId.get(reservationId)
  if (reservation === undefined) return { code: 'reservation_not_found', storeId, sku, reservationId }
  const units = command.qty ?? reservation.units
  if (units > reservation.units) {
    return {
      code: 'reservation_exceeded',
      storeId,
      sku,
      reservationId,
      requested: units,
      available: reservation.units
    }
  }
  return {
    type: command.type === 'release' ? 'released' : 'committed',
    ...continuation(state, command.type === 'release' ? units : 0, -units),
    reservationId,
    units,
    ...because(command)
  }
}

function continuation(state: RecordState, delta: number, held: number) {
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

function because(command: Command): { reason?: string; reference?: string } | undefined {
  const { reason, reference } = command
  if (reason === undefined) return reference === undefined ? undefined : { reference }
  return reference === undefined ? { reason } : { reason, reference }
}

function insufficient(state: RecordState, requested: number): Refusal {
  const { storeId, sku, qty: available } = state
  return { code: 'insufficient_stock', storeId, sku, requested, available }
}

function overflow(state: RecordState, delta: number): Refusal {
  const { storeId, sku, qty: quantity } = state
  return { code: 'quantity_overflow', storeId, sku, quantity, delta }
}
