import type { StockBook } from './book.ts'
import type { Command } from './commands.ts'
import { decide, type Decision } from './decider.ts'
import type { DraftedEffect } from './drafted-unit.ts'
import { DraftedAnswers } from './drafted-answers.ts'
import { DraftedStates } from './drafted-states.ts'
import { endingOf, type Ending } from './ended-reservations.ts'
import { appliedResult, bareKey, type LoggedLine, type LoggedUnit } from './logged-unit.ts'
import { recordKey, reservationKey } from './record-key.ts'
import { viewAt, type RecordState } from './record.ts'
import { isRemembered, type Refusal } from './refusals.ts'
import { isLive, type RememberedAnswer } from './remembered-answer.ts'
import {
  answerOf,
  beginWork,
  deservesMemory,
  draftedEffect,
  forgetLines,
  loggedAnswer,
  loneLine,
  loggedUnit,
  type Work
} from './unit-work.ts'
import type { IdempotencyIdentity, Line, LineResult, Outcome, Unit } from './unit.ts'

type Accepted = Extract<Decision, { readonly accepted: true }>

/** What a unit comes to. Without `logged` there is nothing to write: a replay, or a refusal no key remembers. */
export interface Proposal {
  readonly outcome: Outcome
  readonly logged?: LoggedUnit
  /** For whoever lets `logged` take effect on the state that the draft has decided it on. */
  readonly effect?: DraftedEffect | undefined
}

/**
 * Units decided one after the other on a book, each on the effect of those before it, without changing the
 * book. It is thrown away when they are applied, or when another writer's units came first.
 * Of the drafts of a book only the newest that has changed a record may be asked: an older one throws a TypeError.
 */
export class Draft {
  readonly #book: StockBook
  readonly #states: DraftedStates
  readonly #answers: DraftedAnswers
  /** By record and id, the reservations that the draft ends. */
  readonly #ended = new Map<string, Ending>()
  #logTime: number

  constructor(book: StockBook) {
    this.#book = book
    this.#states = new DraftedStates(book)
    this.#answers = new DraftedAnswers(book.answers.keyHash)
    this.#logTime = book.answers.logTime
  }

  /** Whether the draft changes this record. */
  touches(storeId: string, sku: string): boolean {
    return this.#states.drafted(storeId, sku) !== undefined
  }

  get isEmpty(): boolean {
    return this.#states.isEmpty && this.#answers.isEmpty
  }

  /**
   * Decides a unit; `unitId` is the id it will have in the log if it has to be written. `onKeyFound` is called once its
   * key, if it has one, has been looked up.
   */
  propose(unit: Unit, unitId: string, onKeyFound?: () => void): Proposal {
    const { identity } = unit
    if (identity !== undefined) {
      const known = this.#find(identity.key, unit.at)
      onKeyFound?.()
      if (known !== undefined) return { outcome: replay(identity, known) }
    }
    const work = beginWork(unit, unitId, this.#logTime)
    const refusedLine = this.#decideLines(work)
    const answer = answerOf(work, refusedLine)
    if (identity !== undefined && deservesMemory(unit, answer)) {
      work.answers.push(loggedAnswer(identity, work.lines, refusedLine))
      this.#answers.addNewest(work)
    }
    const outcome: Outcome = { kind: 'answered', answer, replayed: false }
    if (work.events.length === 0 && work.answers.length === 0 && !this.#isTimeToTell(unit)) return { outcome }
    const logged = loggedUnit(work, (storeId, sku) => this.touches(storeId, sku))
    this.#logTime = Math.max(this.#logTime, unit.at)
    return { outcome, logged, effect: draftedEffect(work) }
  }

  /** A unit of no lines tells the log how late it is, where that is of use: whoever reads it lets the same answers go. */
  #isTimeToTell({ lines, at }: Unit): boolean {
    return lines.length === 0 && at > this.#logTime && this.#book.answers.hasLapsed(at)
  }

  /** Decides the lines in order and returns the index of the one on which an atomic unit was refused. */
  #decideLines(work: Work): number | undefined {
    const { unit } = work
    let index = -1
    for (const line of unit.lines) {
      index += 1
      const result = this.#decideLine(work, line)
      if (result.applied || !unit.atomic) continue
      for (const undo of work.undo.reverse()) undo()
      const refused = work.lines.at(-1)
      forgetLines(work)
      work.results.push(result)
      if (refused !== undefined) work.lines.push(refused)
      for (const decided of unit.lines.slice(0, index + 1)) this.#noteDecidedOn(work, decided)
      return index
    }
    return undefined
  }

  #decideLine(work: Work, line: Line): LineResult {
    const { identity, command } = line
    if (identity !== undefined) {
      const earlier = this.#replayLine(work, command, identity)
      if (earlier !== undefined) return earlier
    }
    const { unit, unitId } = work
    const state = this.#states.state(command.storeId, command.sku)
    const decision = decide(state, command, { unitId, at: unit.at })
    if (decision.accepted) {
      for (const event of decision.events) work.events.push(event)
      this.#noteEndings(work, state, decision)
      this.#states.set(work, decision.state)
      if (decision.events.length === 1) work.states.push(decision.state)
      const index = work.events.length - 1
      const event = work.events[index]
      if (event === undefined) throw new TypeError('a command was accepted without an event')
      return this.#settleLine(work, line, appliedResult(event, unit.at), index)
    }
    const refused = { refusal: this.#withEnding(decision.refusal), current: this.#current(command, unit.at) }
    if (!unit.atomic) this.#noteDecidedOn(work, line)
    return this.#settleLine(work, line, { applied: false, ...refused }, refused)
  }

  #settleLine(work: Work, line: Line, result: LineResult, logged: LoggedLine): LineResult {
    work.results.push(result)
    work.lines.push(logged)
    const { identity } = line
    if (identity === undefined || !(result.applied || (isRemembered(result.refusal) && !work.unit.atomic))) {
      return result
    }
    work.answers.push(loggedAnswer(identity, loneLine(logged)))
    this.#answers.addNewest(work)
    return result
  }

  #noteEndings({ unit, undo }: Work, before: RecordState, { events, state }: Accepted): void {
    for (const event of events) {
      const ending = endingOf(before, event, unit.at, state)
      if (ending === undefined) continue
      const { id, status, at } = ending
      const key = reservationKey(state.storeId, state.sku, id)
      this.#ended.set(key, { status, at })
      undo.push(() => this.#ended.delete(key))
    }
  }

  /** Whoever comes too late is told what was first, where that is remembered. */
  #withEnding(refusal: Refusal): Refusal {
    if (refusal.code !== 'reservation_not_found' || refusal.ended !== undefined) return refusal
    const { storeId, sku, reservationId } = refusal
    const found =
      this.#ended.get(reservationKey(storeId, sku, reservationId)) ??
      this.#book.ended.find(storeId, sku, reservationId)
    return found === undefined ? refusal : { ...refusal, ended: { status: found.status, at: found.at } }
  }

  #replayLine(work: Work, command: Command, identity: IdempotencyIdentity): LineResult | undefined {
    const { unit } = work
    const known = this.#find(identity.key, unit.at)
    // The unit's own key is taken by the unit as a whole, though its answer is only known at the end.
    if (known === undefined && identity.key !== unit.identity?.key) return undefined
    const first = known?.fingerprint === identity.fingerprint ? known.answer.results[0] : undefined
    const refusal: Refusal = { code: 'idempotency_conflict', key: bareKey(identity.key) }
    const result: LineResult =
      first === undefined
        ? { applied: false, refusal, current: this.#current(command, unit.at) }
        : { ...first, replayed: true }
    this.#noteDecidedOn(work, { command, identity })
    work.results.push(result)
    work.lines.push({ earlier: result })
    return result
  }

  /** A remembered refusal or replay holds only while the record and the key it was decided on are as they were. */
  #noteDecidedOn(work: Work, { command, identity }: Line): void {
    const { storeId, sku } = command
    const { lastUnit } = this.#states.state(storeId, sku)
    if (lastUnit !== work.unitId) work.decidedOn.set(recordKey(storeId, sku), [storeId, sku, lastUnit])
    if (identity === undefined) return
    const holder = this.#find(identity.key, work.unit.at)?.unitId ?? ''
    if (holder !== work.unitId) work.decidedOnKeys.set(identity.key, [identity.key, holder])
  }

  #current({ storeId, sku }: Command, at: number): { qty: number; version: number } {
    const { qty, version } = viewAt(this.#states.state(storeId, sku), at)
    return { qty, version }
  }

  #find(key: string, at: number): RememberedAnswer | undefined {
    const drafted = this.#answers.find(key)
    if (drafted === undefined) return this.#book.answers.find(key, at, this.#logTime)
    return isLive(drafted.term, at, Math.max(this.#logTime, at)) ? drafted : undefined
  }
}

function replay(identity: IdempotencyIdentity, known: RememberedAnswer): Outcome {
  if (known.fingerprint !== identity.fingerprint) return { kind: 'key_conflict', key: bareKey(identity.key) }
  return { kind: 'answered', answer: known.answer, replayed: true }
}
