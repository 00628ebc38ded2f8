// Seeded work for a ledger under faults: units whose every line can be found again in the log by its reference.
import type { Command } from '../../../domain/commands.ts'
import type { IdempotencyIdentity, Line, Unit } from '../../../domain/unit.ts'
import { below, seededRandom, type Random } from '../../../adapters/file-system/seeded-random.ts'

const storeId = 'store-1'
const skus = ['sku-a', 'sku-b', 'sku-ü✓']
const startMs = 1_000_000
const ttlMs = 1_000_000

/** A unit and the name that the references of its lines begin with; a retry is the same unit under the same name. */
export interface PlannedUnit {
  readonly name: string
  readonly unit: Unit
  /** The unit or each of its lines has a key, so that the unit may be sent again. */
  readonly isKeyed: boolean
}

/** What is asked at once, so that it is gathered into one write; or a close and a new start in between. */
export type Action =
  { readonly kind: 'ask'; readonly units: readonly PlannedUnit[] } | { readonly kind: 'reopen' }

export interface WorkloadOptions {
  readonly seed: number
  readonly steps: number
  /** Distinguishes the names and keys of two workloads on one ledger. */
  readonly prefix?: string
  /** The instant of the n-th unit, in milliseconds since the epoch; by default they grow by ten. */
  readonly atOf?: (index: number, random: Random) => number
  /** Also closes and opens again: half way, and now and then. */
  readonly reopens?: boolean
  /** How long answers are remembered. */
  readonly ttlMs?: number
}

/** The same seed gives the same work. */
export function workload(options: WorkloadOptions): Action[] {
  const random = seededRandom(options.seed)
  const maker = new UnitMaker(random, options)
  const actions: Action[] = [{ kind: 'ask', units: skus.map((sku) => maker.opening(sku)) }]
  for (let step = 0; step < options.steps; step += 1) {
    const isHalf = step === Math.floor(options.steps / 2)
    if (options.reopens === true && (isHalf || below(8, random) === 0)) actions.push({ kind: 'reopen' })
    const count = 1 + below(4, random)
    actions.push({ kind: 'ask', units: Array.from({ length: count }, () => maker.next()) })
  }
  return actions
}

class UnitMaker {
  readonly #random: Random
  readonly #options: WorkloadOptions
  readonly #keyed: PlannedUnit[] = []
  readonly #reservations: { readonly sku: string; readonly id: string }[] = []
  #count = 0
  #name = ''
  #at = startMs

  constructor(random: Random, options: WorkloadOptions) {
    this.#random = random
    this.#options = options
  }

  opening(sku: string): PlannedUnit {
    this.#begin()
    return this.#single({ type: 'adjust', storeId, sku, delta: 60, reference: this.#reference(0) }, true)
  }

  next(): PlannedUnit {
    const again = this.#keyed[below(this.#keyed.length, this.#random)]
    if (again !== undefined && below(8, this.#random) === 0) return again
    this.#begin()
    const isKeyed = below(3, this.#random) > 0
    switch (below(4, this.#random)) {
      case 0:
        return this.#batch(false, isKeyed)
      case 1:
        return this.#batch(true, isKeyed)
      default:
        return this.#single(this.#command(0), isKeyed)
    }
  }

  #begin(): void {
    const index = this.#count
    this.#count += 1
    this.#name = `${this.#options.prefix ?? 'u'}${index}`
    this.#at = this.#options.atOf?.(index, this.#random) ?? startMs + index * 10
  }

  #single(command: Command, isKeyed: boolean): PlannedUnit {
    const lines = [{ command }]
    if (!isKeyed) return this.#planned({ at: this.#at, lines, atomic: false }, false)
    return this.#planned({ at: this.#at, lines, atomic: false, identity: this.#identity('') }, true)
  }

  #batch(atomic: boolean, isKeyed: boolean): PlannedUnit {
    const count = 2 + below(3, this.#random)
    const hasLineKeys = isKeyed && !atomic && below(2, this.#random) === 0
    const lines: Line[] = Array.from({ length: count }, (_, index) => {
      const command = this.#command(index)
      return hasLineKeys ? { command, identity: this.#identity(`.${index}`) } : { command }
    })
    const unit = { at: this.#at, lines, atomic, actor: 'tester' }
    const hasUnitKey = isKeyed && !hasLineKeys
    return this.#planned(hasUnitKey ? { ...unit, identity: this.#identity('') } : unit, isKeyed)
  }

  #planned(unit: Unit, isKeyed: boolean): PlannedUnit {
    const planned = { name: this.#name, unit, isKeyed }
    if (isKeyed) this.#keyed.push(planned)
    return planned
  }

  #command(index: number): Command {
    const random = this.#random
    const reference = this.#reference(index)
    const sku = skus[below(skus.length, random)] ?? ''
    const open = this.#reservations[below(this.#reservations.length, random)]
    const choice = below(9, random)
    if (choice < 3) return { type: 'adjust', storeId, sku, delta: 1 + below(20, random), reference }
    if (choice < 5) return { type: 'adjust', storeId, sku, delta: -1 - below(15, random), reference }
    // Long enough for its frame to lie in several sectors.
    const reason = 'é'.repeat(below(400, random))
    if (choice === 5) return { type: 'adjust', storeId, sku, delta: -1_000_000, reference, reason }
    if (choice < 8 || open === undefined) return this.#reserve(sku, reference)
    const target = { storeId, sku: open.sku, reservationId: open.id, reference, reason }
    const which = below(5, random)
    if (which === 4) return { type: 'extend', ...target, expiresAt: this.#at + 10 + below(200, random) }
    return { type: which < 2 ? 'commit' : 'release', ...target }
  }

  #reserve(sku: string, reference: string): Command {
    const id = `r-${reference}`
    this.#reservations.push({ sku, id })
    const reserve = {
      type: 'reserve',
      storeId,
      sku,
      qty: 1 + below(9, this.#random),
      reservationId: id,
      reference
    } as const
    return below(2, this.#random) === 0
      ? reserve
      : { ...reserve, expiresAt: this.#at + 10 + below(100, this.#random) }
  }

  #reference(index: number): string {
    return `${this.#name}/${index}`
  }

  #identity(suffix: string): IdempotencyIdentity {
    const name = `${this.#name}${suffix}`
    return {
      key: `anonymous ${name}`,
      fingerprint: `fingerprint of ${name}`,
      until: this.#at + (this.#options.ttlMs ?? ttlMs)
    }
  }
}
