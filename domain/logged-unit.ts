import type { Extended, Reserved, StockEvent } from './events.ts'
import type { RecordView } from './record.ts'
import type { Refusal } from './refusals.ts'
import type { Answer, LineResult, ReservationView, SequencedEvent } from './unit.ts'
import type { Writable } from './writable.ts'

/**
 * One unit as the log holds it: its events, the answers that are remembered with them, and what its
 * refusals were decided on. It takes effect as a whole or, where something it was decided on has changed, not at all.
 */
export interface LoggedUnit {
  /** `<writer>-<counter>`; a writer counts from 1 without gaps. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly actor?: string
  readonly events: readonly StockEvent[]
  readonly answers?: readonly LoggedAnswer[]
  readonly decidedOn?: readonly DecidedOn[]
  readonly decidedOnKeys?: readonly DecidedOnKey[]
}

/** What of a unit its answers are restored from. */
export type WrittenUnit = Pick<LoggedUnit, 'id' | 'at' | 'events'>

/** The record a remembered refusal was decided on, and the unit that had last changed it by then. */
export type DecidedOn = readonly [storeId: string, sku: string, lastUnit: string]

/** The key that a remembered answer was decided on, and the unit that held it by then, the empty string for none. */
export type DecidedOnKey = readonly [key: string, unitId: string]

/** An answer kept short: an applied line is the index of its event in the unit. */
export interface LoggedAnswer {
  readonly key: string
  readonly fingerprint: string
  readonly until: number
  readonly lines: readonly LoggedLine[]
  readonly refusedLine?: number
}

export type LoggedLine =
  | number
  | { readonly refusal: Refusal; readonly current: { readonly qty: number; readonly version: number } }
  | { readonly earlier: LineResult }

/** The whole answer that the log keeps short. Throws a RangeError where it names an event that is not there. */
export function restoreAnswer(unit: WrittenUnit, logged: LoggedAnswer): Answer {
  const results = logged.lines.map((line) => restoreLine(unit, line))
  const { refusedLine } = logged
  return refusedLine === undefined ? { at: unit.at, results } : { at: unit.at, results, refusedLine }
}

function restoreLine(unit: WrittenUnit, line: LoggedLine): LineResult {
  if (typeof line !== 'number') return 'earlier' in line ? line.earlier : { applied: false, ...line }
  const event = unit.events[line]
  if (event === undefined) throw new RangeError(`unit ${unit.id} has no event ${line}`)
  return appliedResult(event, unit.at)
}

type PlainResult = Pick<Extract<LineResult, { applied: true }>, 'applied' | 'record'>

/** What a record is after an event. */
export type PlainRecord = Pick<RecordView, 'storeId' | 'sku' | 'qty' | 'reserved' | 'version'>

/** The result of the line that led to this event at `at`, in milliseconds since the epoch. */
export function appliedResult(event: StockEvent, at: number): LineResult {
  const result = plainResult(event, at)
  return hasReservation(event) ? { ...result, reservation: reservationView(event) } : result
}

/** That of a line whose answer speaks of no reservation. */
export function plainResult({ storeId, sku, qty, reserved, version }: PlainRecord, at: number): PlainResult {
  return { applied: true, record: { storeId, sku, qty, reserved, version, updatedAt: at } }
}

/** Whether the answer to the line that led to this event speaks of a reservation. */
export function hasReservation(event: StockEvent): event is Reserved | Extended {
  return event.type === 'reserved' || event.type === 'extended'
}

function reservationView(event: Reserved | Extended): ReservationView {
  const { reservationId: id, units: qty, expiresAt } = event
  return expiresAt === undefined ? { id, qty, status: 'open' } : { id, qty, status: 'open', expiresAt }
}

/** How many of its events ended a reservation whose time had passed. */
export function expiredIn({ events }: LoggedUnit): number {
  let expired = 0
  for (const { type } of events) if (type === 'expired') expired += 1
  return expired
}

/** The key as its caller gave it: the part after the scope, which ends in the last space. */
export function bareKey(key: string): string {
  return key.slice(key.lastIndexOf(' ') + 1)
}

/** The unit's events as readers get them; `firstSequence` is that of its first event. */
export function sequencedEvents(unit: LoggedUnit, firstSequence: number): SequencedEvent[] {
  const { id: unitId, at, actor } = unit
  const keys = keysByEvent(unit)
  return unit.events.map((event, index) => {
    const sequenced: Writable<SequencedEvent> = { sequence: firstSequence + index, at, unitId, event }
    const key = keys?.get(index)
    // Set and not spread: a follower of the whole log has this done for every event.
    if (actor !== undefined) sequenced.actor = actor
    if (key !== undefined) sequenced.idempotencyKey = key
    return sequenced
  })
}

/** A line's own key is nearer to its event than that of the whole unit, which is logged after it. */
function keysByEvent(unit: LoggedUnit): Map<number, string> | undefined {
  if (unit.answers === undefined) return undefined
  const keys = new Map<number, string>()
  for (const { key, lines } of unit.answers) {
    for (const line of lines) if (typeof line === 'number' && !keys.has(line)) keys.set(line, bareKey(key))
  }
  return keys
}
