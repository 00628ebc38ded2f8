import type { Ledger } from '../../domain/ledger.ts'
import type { SequencedEvent } from '../../domain/unit.ts'

interface OpenReservation {
  readonly units: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** What the events say of one record. */
export interface KnownRecord {
  readonly qty: number
  readonly reserved: number
  readonly version: number
  readonly updatedAt: number
  readonly deleted: boolean
  readonly open: ReadonlyMap<string, OpenReservation>
  /** By version, the quantity then and by how much it had changed. */
  readonly changes: ReadonlyMap<number, { readonly qty: number; readonly delta: number }>
}

type Records = Map<string, KnownRecord>

const none = { qty: 0, reserved: 0, version: 0, updatedAt: 0, deleted: false }

/** Knows from the events alone what a ledger must hold, and looks after each request whether it does. */
export class LedgerWitness {
  readonly #ledger: Ledger
  readonly #stores = new Map<string, Records>()
  #sequence = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  get sequence(): number {
    return this.#sequence
  }

  /** The record as it is now, a deleted one included. */
  record(storeId: string, sku: string): KnownRecord | undefined {
    return this.#stores.get(storeId)?.get(sku)
  }

  /** The records with open reservations. */
  holders(): { storeId: string; sku: string }[] {
    return [...this.#stores].flatMap(([storeId, records]) =>
      [...records].filter(([, { open }]) => open.size > 0).map(([sku]) => ({ storeId, sku }))
    )
  }

  /** The events since the last look. Throws where one does not follow from those before, or the ledger differs. */
  async events(): Promise<readonly SequencedEvent[]> {
    const events: SequencedEvent[] = []
    for (;;) {
      const added = this.#ledger.health().sequence - this.#sequence
      const next = added === 0 ? [] : await this.#ledger.read(this.#sequence + 1, added)
      requireEqual(next.length, added, 'the number of events that can be read')
      for (const event of next) this.#apply(event)
      events.push(...next)
      const difference = await this.#difference()
      // A reservation may expire while this looks.
      if (this.#ledger.health().sequence !== this.#sequence) continue
      if (difference === undefined) return events
      throw new Error(difference)
    }
  }

  #apply(sequenced: SequencedEvent): void {
    const { sequence, at, event } = sequenced
    const { storeId, sku, qty, reserved, version, type, delta } = event
    const records: Records = this.#stores.get(storeId) ?? new Map()
    this.#stores.set(storeId, records)
    const before = records.get(sku) ?? { ...none, open: new Map(), changes: new Map() }
    const what = `of event ${sequence}, ${JSON.stringify(event)},`
    requireEqual(sequence, this.#sequence + 1, `the offset ${what}`)
    requireEqual(version, before.version + 1, `the version ${what}`)
    requireEqual(qty, before.qty + delta, `the quantity ${what}`)

    const open = openAfter(before.open, sequenced)
    const sum = [...open.values()].reduce((total, { units }) => total + units, 0)
    requireEqual(reserved, sum, `the reserved units ${what}`)
    if (qty < 0 || reserved < 0) throw new Error(`a quantity below zero ${what}`)
    const changes = (before.changes as Map<number, object>).set(version, {
      qty,
      delta
    }) as KnownRecord['changes']
    const deleted = type === 'product_deleted'
    records.set(sku, { qty, reserved, version, updatedAt: at, deleted, open, changes })
    this.#sequence = sequence
  }

  /** What the ledger holds that its events do not say; undefined where there is nothing. */
  async #difference(): Promise<string | undefined> {
    for (const [storeId, known] of this.#stores) {
      // At the beginning of time no reservation has expired, so that nothing differs from what the events say.
      const { records } = await this.#ledger.list({ storeId, limit: known.size + 1 }, 0)
      const held = JSON.stringify(records.map((record) => factsOf(record.sku, record)))
      const expected = JSON.stringify(
        [...known]
          .filter(([, { deleted }]) => !deleted)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([sku, record]) => factsOf(sku, record))
      )
      if (held !== expected) return `store ${JSON.stringify(storeId)} holds ${held} instead of ${expected}`
    }
    return undefined
  }
}

type Facts = Pick<KnownRecord, 'qty' | 'reserved' | 'version' | 'updatedAt'>

function factsOf(sku: string, { qty, reserved, version, updatedAt }: Facts): unknown[] {
  return [sku, qty, reserved, version, updatedAt]
}

/** The open reservations after the event. Throws where one ends that is not open, or before its time. */
function openAfter(before: KnownRecord['open'], { at, event }: SequencedEvent): Map<string, OpenReservation> {
  const open = new Map(before)
  if (!('reservationId' in event)) return open
  const { type, reservationId, units } = event
  if (type === 'reserved') return open.set(reservationId, { units, expiresAt: event.expiresAt ?? Infinity })
  const held = open.get(reservationId)
  if (held === undefined) throw new Error(`${reservationId} is ${type} and was not open`)
  if (type === 'extended') {
    if (held.units !== units) throw new Error(`${reservationId} holds ${held.units}, not ${units}`)
    return open.set(reservationId, { units, expiresAt: event.expiresAt })
  }
  if (type === 'expired' && at < held.expiresAt) throw new Error(`${reservationId} expires before its time`)
  if (held.units === units) open.delete(reservationId)
  else open.set(reservationId, { ...held, units: held.units - units })
  return open
}

function requireEqual(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new Error(`${what} is ${actual} instead of ${expected}`)
}
