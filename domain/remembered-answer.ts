import type { StockEvent } from './events.ts'
import {
  appliedResult,
  hasReservation,
  restoreAnswer,
  type LoggedAnswer,
  type PlainRecord,
  type WrittenUnit
} from './logged-unit.ts'
import type { Answer } from './unit.ts'

/** When the answers of one unit were given, and how long they are held; one for all of its lines. */
export interface AnswerTerm {
  /** The unit that gave them. */
  readonly unitId: string
  /** Milliseconds since the epoch, as all that follow: the instant of the unit. */
  readonly at: number
  /** A unit written from here on is another request under a free key. */
  readonly until: number
  /** Once the log has shown this instant, no unit finds the answers any more. */
  readonly forgottenFrom: number
}

/** A remembered answer in a snapshot. */
export interface CapturedAnswer extends Omit<AnswerTerm, 'at'> {
  readonly fingerprint: string
  readonly answer: Answer
}

/** What is remembered under one key: mostly one event, and the answer is made from it when somebody asks. */
export class RememberedAnswer {
  readonly key: string
  readonly fingerprint: string
  readonly term: AnswerTerm
  readonly #source: StockEvent | Answer

  constructor(key: string, fingerprint: string, term: AnswerTerm, source: StockEvent | Answer) {
    this.key = key
    this.fingerprint = fingerprint
    this.term = term
    this.#source = source
  }

  static of(unit: WrittenUnit, logged: LoggedAnswer, term: AnswerTerm): RememberedAnswer {
    const { key, fingerprint, lines, refusedLine } = logged
    const [line] = lines
    const event = typeof line === 'number' ? unit.events[line] : undefined
    const isOneEvent = lines.length === 1 && refusedLine === undefined && event !== undefined
    return new RememberedAnswer(key, fingerprint, term, isOneEvent ? event : restoreAnswer(unit, logged))
  }

  static restore(key: string, captured: CapturedAnswer): RememberedAnswer {
    const { unitId, fingerprint, until, forgottenFrom, answer } = captured
    return new RememberedAnswer(key, fingerprint, { unitId, at: answer.at, until, forgottenFrom }, answer)
  }

  /** The unit that gave it. */
  get unitId(): string {
    return this.term.unitId
  }

  get answer(): Answer {
    const source = this.#source
    if (!('type' in source)) return source
    const { at } = this.term
    return { at, results: [appliedResult(source, at)] }
  }

  /** All that the answer says, where it is that of one applied line, as nearly all are. */
  get plainRecord(): PlainRecord | undefined {
    return plainRecord(this.#source)
  }

  /** As a snapshot holds it. */
  toJSON(): CapturedAnswer {
    const { fingerprint, answer } = this
    const { unitId, until, forgottenFrom } = this.term
    return { unitId, fingerprint, until, forgottenFrom, answer }
  }
}

/**
 * The term of answers given at `at`; `logTime` is the latest instant the log has shown by then. They are forgotten after
 * twice their time, counted from that instant: where one clock has run ahead, the keys given by the right ones are
 * still held.
 */
export function termOf(unitId: string, at: number, until: number, logTime: number): AnswerTerm {
  return { unitId, at, until, forgottenFrom: Math.max(logTime, at) + 2 * (until - at) }
}

/**
 * Whether a key is still taken, by an answer of this term, for a unit written at `at`. The unit's own instant counts, so
 * that a clock that jumped ahead and was set right again does not free the keys given in between; the log's latest
 * instant bounds how long a key is held at all.
 */
export function isLive({ until, forgottenFrom }: AnswerTerm, at: number, logTime: number): boolean {
  return at < until && logTime < forgottenFrom
}

function plainRecord(source: StockEvent | Answer): PlainRecord | undefined {
  if ('type' in source) return hasReservation(source) ? undefined : source
  const [result] = source.results
  if (result?.applied !== true || source.results.length > 1 || source.refusedLine !== undefined)
    return undefined
  return result.reservation === undefined && result.replayed === undefined ? result.record : undefined
}
