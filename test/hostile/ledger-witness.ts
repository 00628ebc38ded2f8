import { MemoryLedger } from '../../adapters/memory/memory-ledger.ts'
import type { Outcome, SequencedEvent, Unit } from '../../domain/unit.ts'

interface OpenReservation {
  readonly units: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

interface Facts {
  readonly sku: string
  readonly qty: number
  readonly reserved: number
  readonly version: number
  readonly updatedAt: number
}

/** What the events say of one record. */
export interface KnownRecord extends Facts {
  readonly open: ReadonlyMap<string, OpenReservation>
  /** By version, the quantity then and by how much it had changed. */
  readonly changes: ReadonlyMap<number, { readonly qty: number; readonly delta: number }>
}

/** A record as its events change it. */
interface GrowingRecord extends KnownRecord {
  qty: number
  reserved: number
  version: number
  updatedAt: number
  deleted: boolean
  readonly open: Map<string, OpenReservation>
  readonly changes: Map<number, { readonly qty: number; readonly delta: number }>
}

interface Store {
  readonly records: Map<string, GrowingRecord>
  /** Those that are not deleted, in the order of their SKUs; undefined after one has come or gone. */
  listed: readonly GrowingRecord[] | undefined
}

/** A memory ledger that says what it was asked to change. */
export class WatchedLedger extends MemoryLedger {
  #named = new Set<string>()

  override execute(unit: Unit): Promise<Outcome> {
    for (const { command } of unit.lines) this.#named.add(command.storeId)
    return super.execute(unit)
  }

  /** The stores that units have named since it was last asked. */
  takeNamed(): ReadonlySet<string> {
    const named = this.#named
    if (named.size > 0) this.#named = new Set()
    return named
  }
}

/** After so many looks at what was named every store is looked at. */
const looksBetween = 50

/**
 * Knows from the events alone what a ledger must hold, and looks after each request whether it does: at all stores that
 * the request had a unit for, and now and then, and in the end, at all there are.
 */
export class LedgerWitness {
  readonly #ledger: WatchedLedger
  readonly #stores = new Map<string, Store>()
  #looks = 0
  #sequence = 0
  #recordCount = 0
  #openCount = 0

  constructor(ledger: WatchedLedger) {
    this.#ledger = ledger
  }

  get sequence(): number {
    return this.#sequence
  }

  /** The record as it is now, a deleted one included. */
  record(storeId: string, sku: string): KnownRecord | undefined {
    return this.#stores.get(storeId)?.records.get(sku)
  }

  /** The records with open reservations. */
  holders(): { storeId: string; sku: string }[] {
    return [...this.#stores].flatMap(([storeId, { records }]) =>
      [...records].filter(([, { open }]) => open.size > 0).map(([sku]) => ({ storeId, sku }))
    )
  }

  /**
   * The events since the last look. Throws where one does not follow from those before, or the ledger differs; `all`
   * also where it differs in a store that no unit has named.
   */
  async events(all = false): Promise<readonly SequencedEvent[]> {
    const events: SequencedEvent[] = []
    this.#looks += 1
    const isAll = all || this.#looks % looksBetween === 0
    const looked = new Set<string>()
    for (;;) {
      for (const storeId of this.#ledger.takeNamed()) looked.add(storeId)
      if (isAll) for (const storeId of this.#stores.keys()) looked.add(storeId)
      const added = this.#ledger.health().sequence - this.#sequence
      const next = added === 0 ? [] : await this.#ledger.read(this.#sequence + 1, added)
      requireEqual(next.length, added, () => 'the number of events that can be read')
      for (const event of next) this.#apply(event)
      events.push(...next)
      const difference = await this.#difference(looked)
      // A reservation may expire while this looks.
      if (this.#ledger.health().sequence !== this.#sequence) continue
      if (difference === undefined) return events
      throw new Error(difference)
    }
  }

  #apply(sequenced: SequencedEvent): void {
    const { sequence, at, event } = sequenced
    const { storeId, sku, qty, reserved, version, type, delta } = event
    const store = this.#store(storeId)
    const record = store.records.get(sku) ?? newRecord(sku)
    const what = (): string => `of event ${sequence}, ${JSON.stringify(event)},`
    requireEqual(sequence, this.#sequence + 1, () => `the offset ${what()}`)
    requireEqual(version, record.version + 1, () => `the version ${what()}`)
    requireEqual(qty, record.qty + delta, () => `the quantity ${what()}`)

    this.#openCount -= record.open.size
    const held = record.reserved + changeOpen(record.open, sequenced)
    this.#openCount += record.open.size
    requireEqual(reserved, held, () => `the reserved units ${what()}`)
    if (qty < 0 || reserved < 0) throw new Error(`a quantity below zero ${what()}`)

    if (!store.records.has(sku)) this.#recordCount += 1
    const deleted = type === 'product_deleted'
    if (!store.records.has(sku) || deleted !== record.deleted) store.listed = undefined
    store.records.set(sku, record)
    record.changes.set(version, { qty, delta })
    Object.assign(record, { qty, reserved, version, updatedAt: at, deleted })
    this.#sequence = sequence
  }

  #store(storeId: string): Store {
    const known = this.#stores.get(storeId)
    if (known !== undefined) return known
    const store: Store = { records: new Map(), listed: undefined }
    this.#stores.set(storeId, store)
    return store
  }

  /** What the ledger holds that its events do not say; undefined where there is nothing. */
  async #difference(storeIds: Iterable<string>): Promise<string | undefined> {
    const { records: recordCount, openReservations } = this.#ledger.figures()
    if (recordCount !== this.#recordCount) return `${recordCount} records instead of ${this.#recordCount}`
    if (openReservations !== this.#openCount)
      return `${openReservations} open reservations instead of ${this.#openCount}`
    for (const storeId of storeIds) {
      const store = this.#store(storeId)
      // At the beginning of time no reservation has expired, so that nothing differs from what the events say.
      const { records } = await this.#ledger.list({ storeId, limit: store.records.size + 1 }, 0)
      const expected = (store.listed ??= inOrder(store.records))
      if (areSame(records, expected)) continue
      return `store ${JSON.stringify(storeId)} holds ${factsText(records)} instead of ${factsText(expected)}`
    }
    return undefined
  }
}

function newRecord(sku: string): GrowingRecord {
  return {
    sku,
    qty: 0,
    reserved: 0,
    version: 0,
    updatedAt: 0,
    deleted: false,
    open: new Map(),
    changes: new Map()
  }
}

function inOrder(records: ReadonlyMap<string, GrowingRecord>): GrowingRecord[] {
  const listed = [...records.values()].filter(({ deleted }) => !deleted)
  return listed.sort((one, other) => (one.sku < other.sku ? -1 : 1))
}

function areSame(held: readonly Facts[], expected: readonly Facts[]): boolean {
  return held.length === expected.length && held.every((record, index) => isSame(record, expected[index]))
}

function isSame(one: Facts, other: Facts | undefined): boolean {
  return (
    one.sku === other?.sku &&
    one.qty === other.qty &&
    one.reserved === other.reserved &&
    one.version === other.version &&
    one.updatedAt === other.updatedAt
  )
}

function factsText(records: readonly Facts[]): string {
  return JSON.stringify(
    records.map(({ sku, qty, reserved, version, updatedAt }) => [sku, qty, reserved, version, updatedAt])
  )
}

/**
 * Changes the open reservations as the event says and returns how many units more are held then. Throws where one ends
 * that is not open, or before its time.
 */
function changeOpen(open: Map<string, OpenReservation>, { at, event }: SequencedEvent): number {
  if (!('reservationId' in event)) return 0
  const { type, reservationId, units } = event
  const held = open.get(reservationId)
  if (type === 'reserved') {
    open.set(reservationId, { units, expiresAt: event.expiresAt ?? Infinity })
    return units - (held?.units ?? 0)
  }
  if (held === undefined) throw new Error(`${reservationId} is ${type} and was not open`)
  if (type === 'extended') {
    if (held.units !== units) throw new Error(`${reservationId} holds ${held.units}, not ${units}`)
    open.set(reservationId, { units, expiresAt: event.expiresAt })
    return 0
  }
  if (type === 'expired' && at < held.expiresAt) throw new Error(`${reservationId} expires before its time`)
  if (held.units === units) open.delete(reservationId)
  else open.set(reservationId, { ...held, units: held.units - units })
  return -units
}

function requireEqual(actual: number, expected: number, what: () => string): void {
  if (actual !== expected) throw new Error(`${what()} is ${actual} instead of ${expected}`)
}
