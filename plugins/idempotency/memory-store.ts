import { LRUCache } from 'lru-cache'

import type { Claim, IdempotencyIdentity, IdempotencyStore, RememberedAnswer } from './store.ts'

interface Running {
  readonly fingerprint: string
  readonly answer: Promise<RememberedAnswer | undefined>
  readonly settle: (answer: RememberedAnswer | undefined) => void
}

interface Kept {
  readonly fingerprint: string
  readonly answer: RememberedAnswer
}

export interface MemoryIdempotencyStoreOptions {
  /** How many answers are kept; past it the oldest is forgotten before its time. */
  readonly maxEntries?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** Remembers answers in this process, for as long as it runs. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  // Apart from the answers, as a claim must never be forgotten to make room.
  readonly #running = new Map<string, Running>()
  readonly #kept: LRUCache<string, Kept>
  readonly #now: () => number

  constructor({ maxEntries = 10_000, now = Date.now }: MemoryIdempotencyStoreOptions = {}) {
    this.#now = now
    this.#kept = new LRUCache({ max: maxEntries, perf: { now }, ttlResolution: 0 })
  }

  /** How many answers are held, those whose time has passed but which nobody asked for since included. */
  get size(): number {
    return this.#kept.size
  }

  claim({ key, fingerprint }: IdempotencyIdentity): Claim {
    const running = this.#running.get(key)
    if (running !== undefined) {
      if (running.fingerprint !== fingerprint) return { kind: 'conflict' }
      return { kind: 'in_flight', answer: running.answer }
    }
    // A look, not a use: the oldest answer goes first, however often it was asked for.
    const kept = this.#kept.peek(key)
    if (kept !== undefined) {
      return kept.fingerprint === fingerprint
        ? { kind: 'answered', answer: kept.answer }
        : { kind: 'conflict' }
    }
    this.#running.set(key, pending(fingerprint))
    return { kind: 'first' }
  }

  complete({ key, fingerprint, until }: IdempotencyIdentity, answer: RememberedAnswer): void {
    const ttl = until - this.#now()
    if (ttl > 0) this.#kept.set(key, { fingerprint, answer }, { ttl })
    this.#settle(key, answer)
  }

  release({ key }: IdempotencyIdentity): void {
    this.#settle(key, undefined)
  }

  #settle(key: string, answer: RememberedAnswer | undefined): void {
    const running = this.#running.get(key)
    this.#running.delete(key)
    running?.settle(answer)
  }
}

function pending(fingerprint: string): Running {
  let settle: Running['settle'] = () => {}
  const answer = new Promise<RememberedAnswer | undefined>((resolve) => {
    settle = resolve
  })
  return { fingerprint, answer, settle }
}
