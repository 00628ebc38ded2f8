/** Whom a request comes from, as far as its key tells. */
export interface Caller {
  readonly kind: 'anonymous' | 'caller' | 'admin'
  /** Stays the same as long as the key does, has no space in it, and may be logged and stored: the key is not in it. */
  readonly id: string
}

/** Who sent no key that was asked for. */
export const anonymous: Caller = Object.freeze({ kind: 'anonymous', id: 'anonymous' })
