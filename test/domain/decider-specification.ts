import type { Command, Precondition } from '../../domain/commands.ts'
import { decide } from '../../domain/decider.ts'
import type { StockEvent } from '../../domain/events.ts'
import { evolve } from '../../domain/evolution.ts'
import { initial, type RecordState } from '../../domain/record.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { plain } from './plain-state.ts'

type OmitEach<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** What happened, without the balance after it: the specification keeps that itself. */
export type Happened =
  | { readonly type: 'adjusted'; readonly delta: number }
  | {
      readonly type: 'product_created' | 'product_modified'
      readonly delta: number
      readonly name: string
      readonly price: number
    }
  | { readonly type: 'product_deleted'; readonly delta: number }
  | {
      readonly type: 'reserved'
      readonly reservationId: string
      readonly units: number
      readonly expiresAt?: number
    }
  | {
      readonly type: 'extended'
      readonly reservationId: string
      readonly units: number
      readonly expiresAt: number
    }
  | {
      readonly type: 'released' | 'committed' | 'expired'
      readonly reservationId: string
      readonly units: number
    }

/** An event as a reader expects it; the record and the base are the specification's own. */
export type ExpectedEvent = OmitEach<StockEvent, 'storeId' | 'sku' | 'base'>
export type ExpectedRefusal = OmitEach<Refusal, 'storeId' | 'sku'>
export type AskedCommand = OmitEach<Command, 'storeId' | 'sku'>

/** The one assertion that a specification makes; a tap test has it. */
export interface Asserts {
  strictSame(found: unknown, wanted: unknown, message: string): boolean
}

export const storeId = 'store-1'
export const sku = 'sku-1'
const decidingUnit = 'w-decided'

export const adjusted = (delta: number): Happened => ({ type: 'adjusted', delta })
export const reserved = (reservationId: string, units: number, expiresAt?: number): Happened =>
  expiresAt === undefined
    ? { type: 'reserved', reservationId, units }
    : { type: 'reserved', reservationId, units, expiresAt }
export const extended = (reservationId: string, units: number, expiresAt: number): Happened => ({
  type: 'extended',
  reservationId,
  units,
  expiresAt
})
export const released = (reservationId: string, units: number): Happened => ({
  type: 'released',
  reservationId,
  units
})
export const committed = (reservationId: string, units: number): Happened => ({
  type: 'committed',
  reservationId,
  units
})
export const expired = (reservationId: string, units: number): Happened => ({
  type: 'expired',
  reservationId,
  units
})
export const created = (delta: number, name = 'Mug', price = 4.5): Happened => ({
  type: 'product_created',
  delta,
  name,
  price
})
export const deleted = (delta: number): Happened => ({ type: 'product_deleted', delta })
export const versions = (...asked: number[]): Precondition => ({ kind: 'versions', versions: asked })

/** The events with their balances, each in a unit of its own: `w-1`, `w-2` and so on. */
export function history(happened: readonly Happened[]): StockEvent[] {
  let qty = 0
  let held = 0
  return happened.map((one, index) => {
    const delta = deltaOf(one)
    qty += delta
    held += heldBy(one)
    const base = index === 0 ? '' : `w-${index}`
    return { ...one, storeId, sku, base, delta, qty, reserved: held, version: index + 1 }
  })
}

/** The state after what happened; the n-th event was written at the instant n. */
export function stateAfter(...happened: Happened[]): RecordState {
  return history(happened).reduce(
    (state, event, index) => evolve(state, event, `w-${index + 1}`, index + 1),
    initial(storeId, sku)
  )
}

/** `given(...events).when(command, at).then(t, name, ...events)` or `.thenRefused(t, name, refusal)`. */
export function given(...happened: Happened[]) {
  const state = Object.freeze(stateAfter(...happened))
  const unchanged = plain(state)
  return {
    when(asked: AskedCommand, at = 100) {
      const command = { storeId, sku, ...asked } as Command
      const decision = decide(state, command, { unitId: decidingUnit, at })
      return {
        then(t: Asserts, name: string, ...expected: ExpectedEvent[]): void {
          const events = expected.map((event, index) => ({
            storeId,
            sku,
            base: index === 0 ? state.lastUnit : decidingUnit,
            ...event
          }))
          const after = (events as StockEvent[]).reduce(
            (current, event) => evolve(current, event, decidingUnit, at),
            state as RecordState
          )
          t.strictSame(
            decision.accepted ? { ...decision, state: plain(decision.state) } : decision,
            { accepted: true, events, state: plain(after) },
            name
          )
          t.strictSame(plain(state), unchanged, `${name}: the state decided on is left alone`)
        },
        thenRefused(t: Asserts, name: string, refusal: ExpectedRefusal): void {
          t.strictSame(decision, { accepted: false, refusal: { storeId, sku, ...refusal } }, name)
          t.strictSame(plain(state), unchanged, `${name}: the state decided on is left alone`)
        }
      }
    }
  }
}

function deltaOf(one: Happened): number {
  switch (one.type) {
    case 'adjusted':
    case 'product_created':
    case 'product_modified':
    case 'product_deleted':
      return one.delta
    case 'reserved':
      return -one.units
    case 'released':
    case 'expired':
      return one.units
    case 'extended':
    case 'committed':
      return 0
    default:
      return one satisfies never
  }
}

function heldBy(one: Happened): number {
  if (!('units' in one) || one.type === 'extended') return 0
  return one.type === 'reserved' ? one.units : -one.units
}
