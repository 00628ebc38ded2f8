/**
 * What a caller asks of one record. Ids and expiry instants are part of the command, so that deciding it
 * is a pure function; quantities are positive safe integers except `delta`, which is non-zero.
 */
export type Command =
  Adjust | Reserve | Extend | Release | Commit | Expire | CreateProduct | SetProduct | DeleteProduct

export type CommandType = Command['type']

/** What the record must look like for the command to be decided at all (RFC 9110, section 13.1). */
export type Precondition =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'versions'; readonly versions: readonly number[] }
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' }

interface Target {
  readonly storeId: string
  readonly sku: string
  readonly precondition?: Precondition
  readonly reason?: string
  readonly reference?: string
}

export interface Adjust extends Target {
  readonly type: 'adjust'
  readonly delta: number
  /** Refused where the record does not exist, which a positive delta would otherwise create. */
  readonly existingOnly?: boolean
  /** The store that asked, where it is not the record's own. */
  readonly askedBy?: string
}

export interface Reserve extends Target {
  readonly type: 'reserve'
  readonly qty: number
  readonly reservationId: string
  /** Milliseconds since the epoch from which on the reservation holds nothing any more. */
  readonly expiresAt?: number
}

/** Lets an open reservation end at another instant, sooner or later than it would have; or end at all. */
export interface Extend extends Target {
  readonly type: 'extend'
  readonly reservationId: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface Release extends Target {
  readonly type: 'release'
  readonly reservationId: string
  /** All that is still held where it is left out. */
  readonly qty?: number
}

export interface Commit extends Target {
  readonly type: 'commit'
  readonly reservationId: string
  /** All that is still held where it is left out. */
  readonly qty?: number
}

/** Writes down that reservations have ended whose time has passed, so many of them at most: the first to expire first. */
export interface Expire extends Target {
  readonly type: 'expire'
  readonly countMax: number
}

/** Makes the record a product with so many units, also where it was deleted before. */
export interface CreateProduct extends Target {
  readonly type: 'create_product'
  readonly name: string
  readonly available: number
  readonly price: number
}

/** Changes what is given of a product; `available` is what can be promised from then on. */
export interface SetProduct extends Target {
  readonly type: 'set_product'
  readonly name?: string
  readonly available?: number
  readonly price?: number
}

/** Takes a product and all its units away. Its history stays, and its version goes on if it is created again. */
export interface DeleteProduct extends Target {
  readonly type: 'delete_product'
}
