import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { StockRecord } from '../../plugins/schemas/stock.ts'
import type { AcknowledgedChange } from './answers.ts'

/** What does not add up. `lost`: acknowledged and not, or no longer, there; `doubled`: there and acknowledged to nobody. */
export interface Fault {
  readonly kind: 'lost' | 'doubled' | 'wrong'
  readonly text: string
}

const eventTypes = {
  adjust: 'adjusted',
  reserve: 'reserved',
  release: 'released',
  commit: 'committed'
} as const

/**
 * The auditor's own book of one record, kept from nothing but what clients asked for and were told: it knows nothing
 * of the service's domain code.
 */
export class RecordAccount {
  readonly #name: string
  readonly #changes = new Map<number, AcknowledgedChange>()
  readonly #held = new Map<string, number>()
  #version = 0
  #qty = 0
  #reserved = 0
  #lastEvent: string | undefined

  constructor(storeId: string, sku: string) {
    this.#name = `${storeId} / ${sku}`
  }

  /** The version up to which everything was found in order. */
  get version(): number {
    return this.#version
  }

  /** Takes note of a change; of two with the same version one is lost. */
  acknowledge(change: AcknowledgedChange): Fault[] {
    const earlier = this.#changes.get(change.version)
    this.#changes.set(change.version, change)
    if (earlier === undefined && change.version > this.#version) return []
    const text = `version ${change.version} was acknowledged to ${earlier?.key ?? 'another'} and to ${change.key}`
    return [this.#fault('lost', text)]
  }

  /**
   * Compares everything since the last audit with the record and its history, newest first, which reaches back to
   * `version`. REQUIRES: every request that was sent has been answered.
   */
  audit(record: StockRecord | undefined, history: readonly StockEvent[]): Fault[] {
    const faults: Fault[] = []
    const events = history.toReversed()
    if (this.#lastEvent !== undefined && this.#lastEvent !== JSON.stringify(events.shift())) {
      faults.push(this.#fault('wrong', `the event of version ${this.#version} is not what it was`))
    }
    for (const event of events) faults.push(...this.#auditEvent(event))
    for (const { version, key } of this.#changes.values()) {
      faults.push(this.#fault('lost', `version ${version}, acknowledged to ${key}, is not in the history`))
    }
    this.#changes.clear()
    const expected = { qty: this.#qty, reserved: this.#reserved, version: this.#version }
    const { qty = 0, reserved = 0, version = 0 } = record ?? {}
    if (JSON.stringify(expected) !== JSON.stringify({ qty, reserved, version })) {
      const found = JSON.stringify({ qty, reserved, version })
      faults.push(
        this.#fault('wrong', `it is ${found}, but what was acknowledged makes ${JSON.stringify(expected)}`)
      )
    }
    return faults
  }

  #auditEvent(event: StockEvent): Fault[] {
    const { version } = event
    const faults: Fault[] = []
    if (version !== this.#version + 1) {
      faults.push(this.#fault('wrong', `version ${version} follows version ${this.#version}`))
    }
    this.#version = version
    this.#lastEvent = JSON.stringify(event)
    const change = this.#changes.get(version)
    this.#changes.delete(version)
    if (change === undefined) {
      const text = `version ${version}, under the key ${event.data.idempotencyKey}, was acknowledged to nobody`
      return [...faults, this.#fault('doubled', text)]
    }
    const delta = this.#apply(change)
    const expected = [
      eventTypes[change.movement.type],
      delta,
      this.#qty,
      this.#reserved,
      change.key,
      change.qty
    ]
    const { type, qty, reserved, idempotencyKey } = event.data
    const found = [type, event.data.delta, qty, reserved, idempotencyKey, qty]
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      faults.push(this.#fault('wrong', `version ${version} is ${found.join(' ')}, not ${expected.join(' ')}`))
    }
    return faults
  }

  /** Books what was asked for; returns the change of qty. */
  #apply({ movement, reservationId }: AcknowledgedChange): number {
    let delta = 0
    if (movement.type === 'adjust') delta = movement.delta
    else if (movement.type === 'reserve') {
      this.#held.set(reservationId ?? '', movement.qty)
      this.#reserved += movement.qty
      delta = -movement.qty
    } else {
      const held = this.#held.get(movement.reservationId) ?? 0
      const units = movement.qty ?? held
      this.#held.set(movement.reservationId, held - units)
      this.#reserved -= units
      delta = movement.type === 'release' ? units : 0
    }
    this.#qty += delta
    return delta
  }

  #fault(kind: Fault['kind'], text: string): Fault {
    return { kind, text: `${this.#name}: ${text}` }
  }
}
