import { AnswerMemory, type CapturedAnswers } from './answer-memory.ts'
import type { DraftedEffect } from './drafted-unit.ts'
import { EndedReservations, endingOf, type EndedReservation } from './ended-reservations.ts'
import type { StockEvent } from './events.ts'
import { evolve, ImpossibleEventError } from './evolution.ts'
import type { ListQuery, RecordPage } from './ledger.ts'
import type { LoggedUnit } from './logged-unit.ts'
import { ownText } from './own-text.ts'
import type { RecordColumns } from './record-columns.ts'
import { RecordSlots } from './record-slots.ts'
import { initial, type RecordState, type RecordView } from './record.ts'
import type { DueRecord } from './reservation-index.ts'
import {
  readEnded,
  readOpen,
  reservationPage,
  type ReservationPage,
  type ReservationQuery,
  type ReservationReading
} from './reservation-pages.ts'
import { SequenceChain, type ChainPart } from './sequence-chain.ts'
import type { Slot } from './slot.ts'

/** A book at one moment, in parts. */
export interface BookParts {
  /** The number of events applied by then. */
  readonly sequence: number
  /** That of the oldest event whose history is kept. */
  readonly oldestSequence: number
  readonly records: Iterable<RecordColumns>
  readonly chain: Iterable<ChainPart>
  readonly answers: CapturedAnswers
  /** The oldest first. */
  readonly ended: readonly EndedReservation[]
}

export interface BookCapture extends BookParts {
  readonly recordCount: number
  /** To be called when nothing more is drawn from the parts. */
  readonly release: () => void
}

/**
 * The state of a whole ledger after a number of units, held in memory: every record, the remembered answers, the
 * reservations that ended last, and for each event the one before it on the same record. Only valid units are applied, in the order of the log.
 */
export class StockBook {
  readonly answers: AnswerMemory
  readonly ended: EndedReservations
  /** Whose marks the places of the records bear: those of the newest draft that has changed one. */
  marker: object | undefined
  readonly #slots: RecordSlots
  readonly #chain: SequenceChain

  /** The book of the parts that a capture gave, or an empty one. Throws a RangeError where they do not fit together. */
  constructor(parts?: BookParts) {
    this.answers = parts === undefined ? new AnswerMemory() : AnswerMemory.restore(parts.answers)
    this.ended = new EndedReservations(parts?.ended)
    this.#slots = parts === undefined ? new RecordSlots() : RecordSlots.restore(parts.records)
    this.#chain =
      parts === undefined
        ? new SequenceChain()
        : SequenceChain.restore(parts.oldestSequence, parts.sequence, parts.chain)
  }

  /** The number of events applied. */
  get sequence(): number {
    return this.#chain.last
  }

  /** The sequence of the oldest event that is not forgotten; that of the next event where there is none. */
  get oldestSequence(): number {
    return this.#chain.oldest
  }

  get recordCount(): number {
    return this.#slots.count
  }

  /** How many reservations no event has ended; the time of some may have passed. */
  get openReservations(): number {
    return this.#slots.openReservations
  }

  /** The record's state; that of a record without events where it does not exist. */
  state(storeId: string, sku: string): RecordState {
    return this.#slots.find(storeId, sku)?.state ?? initial(storeId, sku)
  }

  /** The place of the record; undefined where it has no events. */
  slot(storeId: string, sku: string): Slot | undefined {
    return this.#slots.find(storeId, sku)
  }

  /** The unit that last changed the record, the empty string for none. */
  lastUnit(storeId: string, sku: string): string {
    return this.#slots.find(storeId, sku)?.state.lastUnit ?? ''
  }

  /**
   * Lets a valid unit take effect and returns the sequence of its last event. `effect` is what it came to as it was
   * drafted, where it was decided on the present state of the book.
   * Throws ImpossibleEventError, with nothing applied of that event or those after it, where the log is wrong.
   */
  apply(unit: LoggedUnit, effect?: DraftedEffect): number {
    const unitId = ownText(unit.id)
    let index = -1
    for (const event of unit.events) {
      index += 1
      // A unit takes effect only where its bases hold, so an event without one is the first of its record.
      const slot = event.base === '' ? undefined : this.#slots.find(event.storeId, event.sku)
      if (slot === undefined) {
        this.#insert(event, unitId, unit.at)
      } else {
        const before = slot.state
        const state = effect?.states[index] ?? evolve(before, event, unitId, unit.at)
        const sequence = this.#chain.append(slot.lastSequence)
        this.#slots.update(slot, state, sequence)
        const ending = endingOf(before, event, unit.at, state)
        if (ending !== undefined) {
          this.ended.add({ storeId: state.storeId, sku: state.sku, ...ending, sequence })
        }
      }
    }
    this.answers.apply(unit, unitId, effect?.keyHashes)
    return this.sequence
  }

  /** A page of the store's records as they are at `at`, in the order of their SKUs. */
  list(query: ListQuery, at: number): RecordPage {
    return { ...this.#slots.list(query, at), sequence: this.sequence }
  }

  /** Every record that exists as it is at `at`, by store and SKU in the order of their code units. */
  records(at: number): RecordView[] {
    return this.#slots
      .stores()
      .flatMap((storeId) => this.#slots.list({ storeId, limit: Infinity }, at).records)
  }

  /** The reservation as it is at `at`; undefined for one that never was, or ended too long ago to be remembered. */
  reservation(storeId: string, sku: string, id: string, at: number): ReservationReading | undefined {
    const state = this.state(storeId, sku)
    const open = state.open?.get(id)
    if (open !== undefined) return readOpen(state, open, at)
    const ended = this.ended.find(storeId, sku, id)
    return ended && readEnded(ended)
  }

  /** A page of reservations as they are at `at`; undefined where it is one record's and there never was such a record. */
  reservations(query: ReservationQuery, at: number): ReservationPage | undefined {
    if (query.sku !== undefined && this.state(query.storeId, query.sku).version === 0) return undefined
    const source = {
      holders: (storeId: string, from: string | undefined) => this.#slots.holders(storeId, from),
      state: (storeId: string, sku: string) => this.state(storeId, sku),
      ended: () => this.ended.newestFirst()
    }
    return reservationPage(source, query, at)
  }

  /** At most `limit` records with reservations whose time has passed at `at`, the first to expire first. */
  due(at: number, limit: number): DueRecord[] {
    return this.#slots.due(at, limit)
  }

  /**
   * The sequences of the record's events, newest first, at most `limit` of those below `before` that are not
   * forgotten; undefined where the record does not exist.
   */
  history(storeId: string, sku: string, before: number, limit: number): number[] | undefined {
    const slot = this.#slots.find(storeId, sku)
    if (slot === undefined) return undefined
    return this.#chain.walk(slot.lastSequence, before, limit)
  }

  /** Forgets the history of the events below `oldest`, and nothing else. */
  forgetHistoryBelow(oldest: number): void {
    this.#chain.forgetBelow(oldest)
  }

  /**
   * The book as it is now, in parts that are drawn one by one while it goes on. Each record, and each
   * remembered answer, is looked at when it is drawn.
   */
  capture(): BookCapture {
    const { sequence, oldestSequence, recordCount } = this
    const { columns, release } = this.#slots.capture(sequence)
    return {
      sequence,
      oldestSequence,
      recordCount,
      records: columns,
      chain: this.#chain.capture(),
      answers: this.answers.capture(),
      ended: this.ended.capture(),
      release
    }
  }

  #insert(event: StockEvent, unitId: string, at: number): void {
    const storeId = this.#slots.textOfStore(event.storeId)
    const state = evolve(initial(storeId, ownText(event.sku)), event, unitId, at)
    if (this.#slots.insert(state, this.#chain.append(0))) return
    throw new ImpossibleEventError('the record exists already', event)
  }
}
