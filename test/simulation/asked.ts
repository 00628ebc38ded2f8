import type { Message } from './messages.ts'

export type Target = { readonly storeId: string; readonly sku: string }

/** One change as it is asked for. */
export type AskedLine = Target & { readonly expectedVersion?: number } & (
    | { readonly type: 'adjust'; readonly delta: number }
    | { readonly type: 'reserve'; readonly units: number; readonly ttlMs?: number }
    | { readonly type: 'release' | 'commit'; readonly reservationId: string; readonly units?: number }
    | { readonly type: 'extend'; readonly reservationId: string; readonly ttlMs: number }
    | { readonly type: 'create' | 'set'; readonly available: number }
    | { readonly type: 'delete' }
  )

/** What happens under one name, the idempotency key or, without one, the reference: its events are found by it. */
export interface Effect {
  readonly name: string
  readonly lines: readonly AskedLine[]
  /** All lines or none. */
  readonly isAtomic: boolean
}

/** How the answer to a request is to be read. */
export type Form = 'single' | 'movements' | 'update' | 'updates' | 'products'

export interface Asked {
  readonly form: Form
  readonly message: Omit<Message, 'client'>
  /** One effect for the whole request, or one for each of its lines. */
  readonly effects: readonly Effect[]
  /** Whether it may be sent again. */
  readonly isRepeatable: boolean
  /** Whether the answer says that it is one that was given before. */
  readonly saysReplayed: boolean
}

/** The lines of all effects, in the order in which the answer speaks of them. */
export function linesOf({ effects }: Asked): readonly AskedLine[] {
  return effects.flatMap(({ lines }) => lines)
}

/** One text for each record. */
export function nameOf({ storeId, sku }: Target): string {
  return JSON.stringify([storeId, sku])
}
