/** One caller's try at one effect. */
export interface IdempotencyIdentity {
  /** Scope and key in one text, so that two callers never share a key. */
  readonly key: string
  /** The same key with another fingerprint is another request under a used key. */
  readonly fingerprint: string
  /** Milliseconds since the epoch until which the answer is remembered. */
  readonly until: number
}

/** A response as it is given again. */
export interface RememberedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** null where there is none. */
  readonly body: Buffer | null
}

/**
 * What a request has to do. `first`: carry out the effect, then call `complete` or `release`. `in_flight`: another
 * request does; its answer is promised, undefined when it was released and the claim must be made again.
 */
export type Claim =
  | { readonly kind: 'first' }
  | { readonly kind: 'in_flight'; readonly answer: Promise<RememberedAnswer | undefined> }
  | { readonly kind: 'answered'; readonly answer: RememberedAnswer }
  | { readonly kind: 'conflict' }

/**
 * Remembers answers. REQUIRES: of any number of claims of one key at once, exactly one is `first` until its holder
 * completes or releases it. A store shared by several processes must itself end the claim of a process that died.
 */
export interface IdempotencyStore {
  claim(identity: IdempotencyIdentity): Claim | Promise<Claim>
  /** Remembers the answer until `identity.until` and gives it to those who wait. */
  complete(identity: IdempotencyIdentity, answer: RememberedAnswer): void | Promise<void>
  /** Forgets the claim; one of those who wait makes it again. */
  release(identity: IdempotencyIdentity): void | Promise<void>
}
