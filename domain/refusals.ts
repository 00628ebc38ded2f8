import type { Ending } from './ended-reservations.ts'

/** Why a command was not carried out: a value with the facts, never thrown, never an HTTP status. */
export type Refusal =
  | { readonly code: 'not_found'; readonly storeId: string; readonly sku: string }
  | {
      readonly code: 'version_conflict'
      readonly storeId: string
      readonly sku: string
      /** The version or versions asked for; `*` asked for any existing record, 0 for none. */
      readonly expected: number | readonly number[] | '*'
      readonly actual: number
    }
  | {
      readonly code: 'reservation_not_found'
      readonly storeId: string
      readonly sku: string
      readonly reservationId: string
      /** What became of it; left out for one that never was, or that ended too long ago to be remembered. */
      readonly ended?: Ending
    }
  | {
      readonly code: 'reservation_exceeded'
      readonly storeId: string
      readonly sku: string
      readonly reservationId: string
      readonly requested: number
      readonly available: number
    }
  | {
      readonly code: 'insufficient_stock'
      readonly storeId: string
      readonly sku: string
      readonly requested: number
      readonly available: number
    }
  | {
      readonly code: 'quantity_overflow'
      readonly storeId: string
      readonly sku: string
      readonly quantity: number
      readonly delta: number
    }
  | { readonly code: 'already_exists'; readonly storeId: string; readonly sku: string }
  | {
      readonly code: 'reservations_open'
      readonly storeId: string
      readonly sku: string
      readonly qty: number
      readonly reserved: number
    }
  /** No reservation's time has passed, or somebody else has written it down. */
  | { readonly code: 'nothing_expired'; readonly storeId: string; readonly sku: string }
  | { readonly code: 'idempotency_conflict'; readonly key: string }

export type RefusalCode = Refusal['code']

/**
 * Whether an idempotency key remembers this refusal. Those that speak of stock are answers; of the others
 * two say that the request itself was wrong and may be sent again, corrected, under the same key.
 */
export function isRemembered(refusal: Refusal): boolean {
  switch (refusal.code) {
    case 'not_found':
    case 'version_conflict':
    case 'reservation_not_found':
    case 'reservation_exceeded':
    case 'insufficient_stock':
    case 'already_exists':
    case 'reservations_open':
      return true
    case 'quantity_overflow':
    case 'nothing_expired':
    case 'idempotency_conflict':
      return false
    default:
      return refusal satisfies never
  }
}
