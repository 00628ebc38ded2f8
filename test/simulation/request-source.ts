import type { Asked, AskedLine, Target } from './asked.ts'
import type { Chance } from './chance.ts'
import { batchOfMovements, productsRequest, singleChange, updateRequest } from './request-forms.ts'

export interface OpenReservation extends Target {
  readonly id: string
}

export const centralStore = 'central'
/** The stores that the requests are about. */
export const stores: readonly string[] = ['STORE001', 'Lager/Süd']
const skus = ['SKU-0', 'SKU-1', '85123A', '85123a', '../x']
const products = ['P-0', 'P-1', 'P-2']
const linesMax = 8
const reservationsMax = 60
const shortestMs = 100
const usualMs = 2500
const longestMs = 60_000

/** Requests of every kind that changes anything, over few records, so that they meet. */
export class RequestSource {
  readonly #chance: Chance
  readonly #versionOf: (target: Target) => number
  readonly #reservations: OpenReservation[] = []
  #count = 0

  /** `versionOf` is what a caller believes to be a record's version. */
  constructor(chance: Chance, versionOf: (target: Target) => number) {
    this.#chance = chance
    this.#versionOf = versionOf
  }

  addReservation(reservation: OpenReservation): void {
    this.#reservations.push(reservation)
    if (this.#reservations.length > reservationsMax) this.#reservations.shift()
  }

  /** A record to be read. */
  target(): Target {
    return this.#chance.below(4) === 0 ? this.#product() : this.#record()
  }

  reservation(): OpenReservation | undefined {
    return this.#reservations.length === 0 ? undefined : this.#chance.oneOf(this.#reservations)
  }

  next(): Asked {
    this.#count += 1
    const name = `N-${this.#count}`
    const kind = this.#chance.below(20)
    if (kind < 2) return batchOfMovements(name, this.#lines(), kind === 0 ? 'atomic' : 'each')
    if (kind < 3) return batchOfMovements(name, this.#lines(), 'keyed')
    if (kind < 6)
      return updateRequest(name, this.#updates(), this.#chance.oneOf(stores), this.#chance.once(2))
    if (kind < 7) return productsRequest(name, this.#productLines())
    if (kind < 9) return singleChange(name, this.#adjust(), { hasKey: false, isHeader: false })
    return singleChange(name, this.#line(), { hasKey: true, isHeader: this.#chance.once(2) })
  }

  #lines(): AskedLine[] {
    // A batch cannot extend a reservation.
    return Array.from({ length: 1 + this.#chance.below(linesMax) }, () => this.#line())
      .filter(({ type }) => type !== 'extend')
      .concat(this.#adjust())
  }

  #line(): AskedLine {
    const kind = this.#chance.below(10)
    const reservation = this.reservation()
    if (kind < 4 || (kind >= 6 && reservation === undefined)) return this.#adjust()
    if (kind < 6 || reservation === undefined) return this.#reserve()
    const { id: reservationId, storeId, sku } = reservation
    const target = { storeId, sku, reservationId }
    if (kind === 9) return { ...target, type: 'extend', ttlMs: this.#ttlMs(), ...this.#expectation(target) }
    const units = this.#chance.below(4)
    return { ...target, type: kind === 6 ? 'release' : 'commit', ...(units > 0 && { units }) }
  }

  #adjust(): AskedLine & { type: 'adjust' } {
    const target = this.#record()
    const delta = (1 + this.#chance.below(9)) * (this.#chance.below(9) < 4 ? -1 : 1)
    return { ...target, type: 'adjust', delta, ...this.#expectation(target) }
  }

  #reserve(): AskedLine {
    const target = this.#record()
    const units = 1 + this.#chance.below(5)
    const ttl = this.#chance.below(3) > 0 ? { ttlMs: this.#ttlMs() } : {}
    return { ...target, type: 'reserve', units, ...ttl, ...this.#expectation(target) }
  }

  /** Now and then what a caller knows of the version, which may be old. */
  #expectation(target: Target): { expectedVersion?: number } {
    return this.#chance.once(4) ? { expectedVersion: this.#versionOf(target) } : {}
  }

  #updates(): (AskedLine & { type: 'adjust'; expectedVersion: number })[] {
    return Array.from({ length: 1 + this.#chance.below(4) }, () => {
      const target = this.#product()
      const delta = (1 + this.#chance.below(9)) * (this.#chance.once(2) ? -1 : 1)
      return { ...target, type: 'adjust', delta, expectedVersion: this.#versionOf(target) }
    })
  }

  #productLines(): AskedLine[] {
    const type = this.#chance.oneOf(['create', 'create', 'set', 'delete'] as const)
    const count = type === 'delete' ? 1 : 1 + this.#chance.below(products.length)
    return products.slice(0, count).map((sku) => {
      const target = { storeId: centralStore, sku }
      if (type === 'delete') return { ...target, type }
      const available = this.#chance.below(50)
      return type === 'create'
        ? { ...target, type, available }
        : { ...target, type, available, ...this.#expectation(target) }
    })
  }

  #record(): Target {
    return { storeId: this.#chance.oneOf(stores), sku: this.#chance.oneOf(skus) }
  }

  #product(): Target {
    return { storeId: centralStore, sku: this.#chance.oneOf(products) }
  }

  #ttlMs(): number {
    return shortestMs + this.#chance.below(this.#chance.once(3) ? longestMs : usualMs)
  }
}
