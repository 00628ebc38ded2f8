import { CentralModel, CentralModelError } from '../../domain/central-model.ts'
import type { CentralRecord } from '../../domain/central-records.ts'
import { recordKey } from '../../domain/record-key.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { Report } from './report.ts'
import { ReservationCheck, type FoundReservations } from './reservation-check.ts'

/** What was found elsewhere of the records and reservations after an event. */
export interface Expectation {
  /** What it is, for people. */
  readonly source: string
  readonly sequence: number
  readonly records: () => Iterable<Readonly<CentralRecord>>
  /** None where it has nothing to say of them. */
  readonly reservations?: () => FoundReservations
  /** Whether it does not vouch for the record. */
  readonly leavesOut?: (storeId: string, sku: string) => boolean
}

/**
 * Holds each event against those before it, by rules of its own: the sequence without gaps, the version one more each
 * time, the quantities what the changes make of them and never below zero, reservations as they were left. On its way it holds what was found elsewhere against what the events say.
 */
export class EventCheck {
  readonly #report: Report
  readonly #expectations: Expectation[]
  readonly #model: CentralModel
  readonly #reservations: ReservationCheck

  /** Begins before the first event, or after the one that a ledger's records are given for. */
  constructor(report: Report, expectations: readonly Expectation[], begin?: BeginRecords) {
    this.#report = report
    this.#expectations = [...expectations]
    this.#model = new CentralModel(begin && { ...begin, outOfStep: [] })
    this.#reservations = new ReservationCheck(report, begin?.reservations)
    this.#compareDue()
  }

  get sequence(): number {
    return this.#model.sequence
  }

  /** The next event of the log. */
  take(event: SequencedEvent): void {
    try {
      this.#model.apply(event)
    } catch (error) {
      if (!(error instanceof CentralModelError)) throw error
      this.#report(error.message)
      if (error.code !== 'sequence') this.#model.leaveOut(event)
    }
    this.#reservations.take(event)
    this.#compareDue()
  }

  /** What was to be compared with events that there are none of is a difference. */
  end(): void {
    for (const { source, sequence } of this.#expectations) {
      this.#report(`${source} is that of event ${sequence}, but the log ends with ${this.#model.sequence}`)
    }
  }

  /** Holds what was found against what the events have led to by now. */
  compare(found: Omit<Expectation, 'sequence'>): void {
    this.#compareRecords(found)
    if (found.reservations !== undefined) this.#reservations.compare(found.source, found.reservations())
  }

  #compareRecords({ source, records, leavesOut = () => false }: Omit<Expectation, 'sequence'>): void {
    const mine = new Map<string, Readonly<CentralRecord>>()
    for (const record of this.#model.records()) mine.set(recordKey(record.storeId, record.sku), record)
    for (const record of records()) {
      const key = recordKey(record.storeId, record.sku)
      const expected = mine.get(key)
      mine.delete(key)
      if (leavesOut(record.storeId, record.sku)) continue
      if (expected === undefined || !isSame(expected, record)) {
        this.#report(`${source} has ${print(record)}, the log says ${print(expected)}`)
      }
    }
    for (const record of mine.values()) {
      if (!leavesOut(record.storeId, record.sku))
        this.#report(`${source} has no record where the log says ${print(record)}`)
    }
  }

  #compareDue(): void {
    for (const expectation of this.#expectations) {
      if (expectation.sequence !== this.#model.sequence) continue
      this.compare(expectation)
      this.#expectations.splice(this.#expectations.indexOf(expectation), 1)
      this.#compareDue()
      return
    }
  }
}

/** The records and reservations of a ledger to begin with. */
export interface BeginRecords {
  readonly sequence: number
  readonly records: Iterable<CentralRecord>
  readonly reservations: FoundReservations
}

function isSame(a: Readonly<CentralRecord>, b: Readonly<CentralRecord>): boolean {
  return (
    a.qty === b.qty &&
    a.reserved === b.reserved &&
    a.version === b.version &&
    a.updatedAt === b.updatedAt &&
    a.deleted === b.deleted
  )
}

function print(record: Readonly<CentralRecord> | undefined): string {
  if (record === undefined) return 'nothing of it'
  const { storeId, sku, qty, reserved, version, deleted } = record
  const state = deleted ? 'deleted' : `${qty} and ${reserved} reserved`
  return `${JSON.stringify([storeId, sku])}: ${state} at version ${version}`
}
