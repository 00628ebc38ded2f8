/**
 * What happened to one record. Each event says what a reader needs without the record's history:
 * `delta` is the change of `qty`; `qty`, `reserved` and `version` are those after the event; `base` is the
 * unit that last changed the record before it, the empty string for none.
 */
export type StockEvent = Adjusted | Reserved | Extended | Resolved | ProductChanged | ProductDeleted

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
  /** The store that asked, where it is not the record's own. */
  readonly askedBy?: string
}

export interface Reserved extends Facts {
  readonly type: 'reserved'
  readonly reservationId: string
  readonly units: number
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** The reservation, which holds `units` still, ends at another instant from here on. */
export interface Extended extends Facts {
  readonly type: 'extended'
  readonly reservationId: string
  readonly units: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** The held `units` went back to `qty` (released, expired) or left for good (committed). */
export interface Resolved extends Facts {
  readonly type: 'released' | 'committed' | 'expired'
  readonly reservationId: string
  readonly units: number
}

/** The product and its quantity as they are from here on. */
export interface ProductChanged extends Facts {
  readonly type: 'product_created' | 'product_modified'
  readonly name: string
  readonly price: number
}

/** Nothing is left of the product but its history. */
export interface ProductDeleted extends Facts {
  readonly type: 'product_deleted'
}
