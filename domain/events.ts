/**
 * What happened to one record. Each event says what a reader needs without the record's history:
 * `delta` is the change of `qty`; `qty`, `reserved` and `version` are those after the event; `base` is the
 * unit that last changed the record before it, the empty string for none.
 */
export type StockEvent = Adjusted | Reserved | Resolved

export type StockEventType = StockEvent['type']

interface Facts {
  readonly storeId: string
  readonly sku: string
  readonly base: string
  readonly delta: number
  readonly qty: number
  readonly reserved: number
  readonly version: number
  readonly reason?: string
  readonly reference?: string
}

export interface Adjusted extends Facts {
  readonly type: 'adjusted'
}

export interface Reserved extends Facts {
  readonly type: 'reserved'
  readonly reservationId: string
  readonly units: number
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** The held `units` went back to `qty` (released, expired) or left for good (committed). */
export interface Resolved extends Facts {
  readonly type: 'released' | 'committed' | 'expired'
  readonly reservationId: string
  readonly units: number
}
