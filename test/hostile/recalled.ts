import fc from 'fast-check'
import type { LedgerWitness } from './ledger-witness.ts'

type Kind = 'version' | 'tag' | 'reservation' | 'cursor' | 'offset' | 'key'

/** A value that only the answers so far can give, chosen by a number so that a request can be planned before them. */
export class Recalled {
  readonly kind: Kind
  readonly pick: number

  constructor(kind: Kind, pick: number) {
    this.kind = kind
    this.pick = pick
  }

  [fc.toStringMethod](): string {
    return `${this.kind} ${this.pick}`
  }
}

/** What a request or a part of it speaks of. */
export interface Scope {
  readonly operationId: string
  readonly storeId?: unknown
  readonly sku?: unknown
  readonly productId?: unknown
}

const cursorsKept = 5

/** What a caller has learned from the answers. */
export class Recollection {
  readonly #witness: LedgerWitness
  readonly #centralStoreId: string
  readonly #cursors = new Map<string, string[]>()
  #keys = 0

  constructor(witness: LedgerWitness, centralStoreId: string) {
    this.#witness = witness
    this.#centralStoreId = centralStoreId
  }

  /** The value as it is to be sent, with what is recalled in its place. */
  resolve(value: unknown, scope: Scope): unknown {
    if (value instanceof Recalled) return this.#recall(value, scope)
    if (Array.isArray(value)) return value.map((item) => this.resolve(item, scope))
    if (typeof value !== 'object' || value === null) return value
    const inner = { ...scope, ...value }
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.resolve(part, inner)]))
  }

  /** Learns from the body of an answer of the operation. */
  learn(operationId: string, body: unknown): void {
    const { nextCursor } = (body ?? {}) as { nextCursor?: unknown }
    if (typeof nextCursor !== 'string') return
    this.#cursors.set(
      operationId,
      [nextCursor, ...(this.#cursors.get(operationId) ?? [])].slice(0, cursorsKept)
    )
  }

  /** A record of a store with open reservations, if there is one. */
  holder(pick: number): { storeId: string; sku: string } | undefined {
    const holders = this.#witness.holders()
    return holders[pick % holders.length]
  }

  #recall({ kind, pick }: Recalled, scope: Scope): unknown {
    const record = this.#recordOf(scope)
    const version = record?.version ?? 0
    switch (kind) {
      case 'version':
        return version
      case 'tag':
        return `"${version}"`
      case 'reservation': {
        const open = [...(record?.open.keys() ?? [])]
        return open[pick % open.length] ?? `no reservation ${pick}`
      }
      case 'cursor':
        return this.#cursors.get(scope.operationId)?.[pick % cursorsKept] ?? 'bm9uZQ'
      case 'offset':
        return 1 + (pick % (this.#witness.sequence + 1))
      case 'key':
        this.#keys += 1
        return `key-of-one-request-${this.#keys}`
      default:
        return kind satisfies never
    }
  }

  #recordOf({ storeId, sku, productId }: Scope) {
    if (typeof productId === 'string') return this.#witness.record(this.#centralStoreId, productId)
    if (typeof storeId !== 'string' || typeof sku !== 'string') return undefined
    return this.#witness.record(storeId, sku)
  }
}
