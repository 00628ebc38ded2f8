import type { Command, CreateProduct, DeleteProduct, SetProduct } from '../../domain/commands.ts'
import type { RefusalCode } from '../../domain/refusals.ts'

interface Hold {
  units: number
  expiresAt: number
}

/**
 * The record told again with plain numbers and a Map, knowing nothing of events: an independent auditor of
 * the decider. It keeps what is on hand and what is held, and derives the rest.
 */
export class RecordModel {
  #onHand = 0
  #version = 0
  #deleted = false
  product: { name: string; price: number } | undefined
  readonly #holds = new Map<string, Hold>()

  get exists(): boolean {
    return this.#version > 0 && !this.#deleted
  }

  get version(): number {
    return this.#version
  }

  /** What a reader must see at `at`. */
  view(at: number): { qty: number; reserved: number; version: number } {
    let reserved = 0
    for (const hold of this.#holds.values()) if (at < hold.expiresAt) reserved += hold.units
    return { qty: this.#onHand - reserved, reserved, version: this.#version }
  }

  /** Lets the command take effect, or says why it must be refused. */
  carryOut(command: Command, at: number): RefusalCode | undefined {
    const refusal = this.#refuse(command, at)
    if (refusal !== undefined) return refusal
    const due = [...this.#holds].filter(([, hold]) => hold.expiresAt <= at).sort(bySoonest)
    for (const [id] of command.type === 'expire' ? due.slice(0, command.countMax) : due) {
      this.#holds.delete(id)
      this.#version += 1
    }
    if (command.type === 'expire') return undefined
    this.#version += 1
    this.#takeEffect(command)
    return undefined
  }

  #takeEffect(command: Command): void {
    if (command.type === 'adjust') this.#onHand += command.delta
    else if (command.type === 'reserve') {
      const { reservationId, qty: units, expiresAt = Infinity } = command
      this.#holds.set(reservationId, { units, expiresAt })
    } else if (command.type === 'extend') {
      const hold = this.#holds.get(command.reservationId)
      if (hold !== undefined) hold.expiresAt = command.expiresAt
    } else if (command.type === 'release' || command.type === 'commit') {
      this.#resolve(command.reservationId, command.qty, command.type === 'commit')
    } else if (command.type !== 'expire') this.#changeProduct(command)
  }

  #changeProduct(command: CreateProduct | SetProduct | DeleteProduct): void {
    this.#deleted = command.type === 'delete_product'
    if (command.type === 'delete_product') {
      this.#onHand = 0
      this.product = undefined
      return
    }
    const held = [...this.#holds.values()].reduce((sum, { units }) => sum + units, 0)
    if (command.available !== undefined) this.#onHand = held + command.available
    const { name = this.product?.name ?? command.sku, price = this.product?.price ?? 0 } = command
    this.product = { name, price }
  }

  #refuse(command: Command, at: number): RefusalCode | undefined {
    const { type } = command
    const comesUp = type === 'adjust' && command.delta > 0 && !command.existingOnly && this.#version === 0
    if (!this.exists && !comesUp && type !== 'create_product') return 'not_found'
    if (this.exists && type === 'create_product') return 'already_exists'
    if (!this.#matches(command)) return 'version_conflict'
    const { qty, reserved } = this.view(at)
    if (command.type === 'expire') return this.#isAnyDue(at) ? undefined : 'nothing_expired'
    if (command.type === 'release' || command.type === 'commit' || command.type === 'extend') {
      const hold = this.#holds.get(command.reservationId)
      if (hold === undefined || hold.expiresAt <= at) return 'reservation_not_found'
      const units = command.type === 'extend' ? 0 : (command.qty ?? 0)
      return units > hold.units ? 'reservation_exceeded' : undefined
    }
    if (type === 'delete_product') return reserved > 0 ? 'reservations_open' : undefined
    if (type === 'create_product' || type === 'set_product') {
      return reserved > Number.MAX_SAFE_INTEGER - (command.available ?? qty) ? 'quantity_overflow' : undefined
    }
    const taken = command.type === 'reserve' ? command.qty : -command.delta
    if (taken > qty) return 'insufficient_stock'
    const added = command.type === 'adjust' ? command.delta : 0
    return qty + reserved > Number.MAX_SAFE_INTEGER - added ? 'quantity_overflow' : undefined
  }

  #isAnyDue(at: number): boolean {
    return [...this.#holds.values()].some(({ expiresAt }) => expiresAt <= at)
  }

  #matches({ precondition }: Command): boolean {
    if (precondition === undefined) return true
    if (precondition.kind === 'version') return precondition.version === this.#version
    if (precondition.kind === 'versions') return precondition.versions.includes(this.#version)
    return (precondition.kind === 'exists') === this.#version > 0
  }

  #resolve(id: string, units: number | undefined, leaves: boolean): void {
    const hold = this.#holds.get(id)
    if (hold === undefined) throw new Error(`no hold ${id}`)
    const resolved = units ?? hold.units
    hold.units -= resolved
    if (hold.units === 0) this.#holds.delete(id)
    if (leaves) this.#onHand -= resolved
  }
}

function bySoonest([id, hold]: [string, Hold], [otherId, other]: [string, Hold]): number {
  return hold.expiresAt - other.expiresAt || (id < otherId ? -1 : 1)
}
