import { hash, timingSafeEqual } from 'node:crypto'
import type { Caller } from './caller.ts'

interface KnownKey {
  readonly digest: Buffer
  readonly caller: Caller
}

/** Hexadecimal digits of a key's SHA-256 that name its caller; 64 bits tell any number of callers apart. */
const idDigits = 16

/** The keys that open a service. Of each it keeps the SHA-256 only. */
export class KeyRing {
  readonly #known: readonly KnownKey[]

  constructor(keys: readonly string[], adminKeys: readonly string[]) {
    this.#known = [
      ...keys.map((key) => knownKey(key, 'caller')),
      ...adminKeys.map((key) => knownKey(key, 'admin'))
    ]
  }

  get isEmpty(): boolean {
    return this.#known.length === 0
  }

  /**
   * Whose key this is, undefined for an unknown one. How long it takes depends on the length of what was given and on
   * how many keys there are, not on what they are: digests are compared in constant time, and always all of them.
   */
  callerOf(given: string): Caller | undefined {
    const digest = digestOf(given)
    let found: Caller | undefined
    for (const known of this.#known) {
      if (timingSafeEqual(known.digest, digest)) found = known.caller
    }
    return found
  }
}

function knownKey(key: string, kind: Caller['kind']): KnownKey {
  const digest = digestOf(key)
  return { digest, caller: Object.freeze({ kind, id: digest.toString('latin1', 0, idDigits) }) }
}

// As text, which Node gives out in a third of the time that it takes for a buffer.
function digestOf(key: string): Buffer {
  return Buffer.from(hash('sha256', key, 'hex'), 'latin1')
}
