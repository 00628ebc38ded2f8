import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'
import type { Movement } from '../../plugins/schemas/movements.ts'

/** One movement as it is asked for, and the key under which its event must be found. */
export interface PlannedLine {
  readonly movement: Movement
  readonly key: string
}

export interface PlannedRequest {
  readonly path: string
  readonly body: string
  /** The Idempotency-Key; without one, each line has a key of its own. */
  readonly key?: string
  readonly lines: readonly PlannedLine[]
}

export interface OpenReservation {
  readonly storeId: string
  readonly sku: string
  readonly id: string
}

const stores = ['STORE001', 'Lager/Süd']
const skusPerStore = 6
const linesPerBatchMax = 12
const reservationsRemembered = 200

/** The stores that the requests are about. */
export const storesUnderLoad: readonly string[] = stores

/**
 * Requests of every kind over a few records, so that they meet: adjusts, reserves, releases, commits, alone and in
 * batches, atomic or not. The same seed gives the same requests as long as the same reservations come back.
 */
export class RequestSource {
  readonly #random: Random
  readonly #name: string
  readonly #reservations: OpenReservation[] = []
  #count = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    this.#name = `kill-${seed}`
  }

  /** A reservation that was acknowledged and may be released or committed, more than once by chance. */
  addReservation(reservation: OpenReservation): void {
    this.#reservations.push(reservation)
    if (this.#reservations.length > reservationsRemembered) this.#reservations.shift()
  }

  next(): PlannedRequest {
    this.#count += 1
    const key = `${this.#name}-${this.#count}`
    const kind = below(10, this.#random)
    if (kind === 0) return batch(key, this.#movements(), { atomic: true })
    if (kind === 1) return batch(key, this.#movements(), { atomic: false })
    if (kind === 2) return batchOfKeyedLines(key, this.#movements())
    return single(key, this.#movement())
  }

  #movements(): Movement[] {
    return Array.from({ length: 1 + below(linesPerBatchMax, this.#random) }, () => this.#movement())
  }

  #movement(): Movement {
    const storeId = this.#oneOf(stores)
    const sku = `SKU-${below(skusPerStore, this.#random)}`
    const kind = below(8, this.#random)
    if (kind < 4) {
      const delta = (1 + below(9, this.#random)) * (below(5, this.#random) < 2 ? -1 : 1)
      return { type: 'adjust', storeId, sku, delta, reference: `DOC-${this.#count}` }
    }
    if (kind < 6 || this.#reservations.length === 0) {
      return { type: 'reserve', storeId, sku, qty: 1 + below(5, this.#random) }
    }
    const { id, ...record } = this.#oneOf(this.#reservations)
    const qty = below(3, this.#random)
    return {
      type: kind === 6 ? 'release' : 'commit',
      ...record,
      reservationId: id,
      ...(qty > 0 && { qty })
    }
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[below(values.length, this.#random)] as T
  }
}

function single(key: string, movement: Movement): PlannedRequest {
  const { type, storeId, sku, ...body } = movement
  const record = `${encodeURIComponent(storeId)}/inventory/${encodeURIComponent(sku)}`
  return {
    path: `/api/inventory/stores/${record}/${type}`,
    body: JSON.stringify(body),
    key,
    lines: [{ movement, key }]
  }
}

function batch(
  key: string,
  movements: readonly Movement[],
  { atomic }: { readonly atomic: boolean }
): PlannedRequest {
  return {
    path: '/api/inventory/movements',
    body: JSON.stringify({ movements, atomic }),
    key,
    lines: movements.map((movement) => ({ movement, key }))
  }
}

function batchOfKeyedLines(key: string, movements: readonly Movement[]): PlannedRequest {
  const keyed = movements.map((movement, line) => ({ ...movement, idempotencyKey: `${key}:${line}` }))
  return {
    path: '/api/inventory/movements',
    body: JSON.stringify({ movements: keyed }),
    lines: keyed.map((movement) => ({ movement, key: movement.idempotencyKey }))
  }
}
