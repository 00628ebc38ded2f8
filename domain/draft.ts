import { isLive, remember, type RememberedAnswer } from './answer-memory.ts'
import type { StockBook } from './book.ts'
import { decide } from './decider.ts'
import type { StockEvent } from './events.ts'
import {
  appliedResult,
  bareKey,
  type DecidedOn,
  type LoggedAnswer,
  type LoggedLine,
  type LoggedUnit
} from './logged-unit.ts'
import { viewAt, type RecordState } from './record.ts'
import { isRemembered, type Refusal } from './refusals.ts'
import type { Answer, IdempotencyIdentity, Line, LineResult, Outcome, Unit } from './unit.ts'

/** What a unit comes to. Without `logged` there is nothing to write: a replay, or a refusal no key remembers. */
export interface Proposal {
  readonly outcome: Outcome
  readonly logged?: LoggedUnit
}

/** What is gathered while the lines of one unit are decided. */
interface Work {
  readonly unit: Unit
  readonly unitId: string
  readonly events: StockEvent[]
  readonly results: LineResult[]
  readonly lines: LoggedLine[]
  readonly answers: LoggedAnswer[]
  readonly decidedOn: DecidedOn[]
  readonly undo: (() => void)[]
}

/**
 * Units decided one after the other on a book, each on the effect of those before it, without changing the
 * book. It is thrown away when they are applied, or when another writer's units came first.
 */
export class Draft {
  readonly #book: StockBook
  readonly #states = new Map<string, RecordState>()
  readonly #answers = new Map<string, RememberedAnswer>()
  #logTime: number

  constructor(book: StockBook) {
    this.#book = book
    this.#logTime = book.answers.logTime
  }

  /** Whether the draft changes this record. */
  touches(storeId: string, sku: string): boolean {
    return this.#states.has(stateKey(storeId, sku))
  }

  get isEmpty(): boolean {
    return this.#states.size === 0 && this.#answers.size === 0
  }

  /** Decides a unit; `unitId` is the id it will have in the log if it has to be written. */
  propose(unit: Unit, unitId: string): Proposal {
    const { identity } = unit
    if (identity !== undefined) {
      const known = this.#find(identity.key, unit.at)
      if (known !== undefined) return { outcome: replay(identity, known) }
    }
    const work = beginWork(unit, unitId)
    const refusedLine = this.#decideLines(work)
    const answer = answerOf(work, refusedLine)
    if (identity !== undefined && deservesMemory(unit, answer)) {
      work.answers.push(loggedAnswer(identity, work.lines, refusedLine))
    }
    const outcome: Outcome = { kind: 'answered', answer, replayed: false }
    if (work.events.length === 0 && work.answers.length === 0) return { outcome }
    const logged = loggedUnit(work)
    this.#logTime = Math.max(this.#logTime, unit.at)
    for (const entry of work.answers) this.#answers.set(entry.key, remember(logged, entry))
    return { outcome, logged }
  }

  /** Decides the lines in order and returns the index of the one on which an atomic unit was refused. */
  #decideLines(work: Work): number | undefined {
    const { unit } = work
    for (const [index, line] of unit.lines.entries()) {
      const result = this.#decideLine(work, line)
      if (result.applied || !unit.atomic) continue
      for (const undo of work.undo.reverse()) undo()
      const refused = work.lines.at(-1)
      clear(work)
      work.results.push(result)
      if (refused !== undefined) work.lines.push(refused)
      this.#noteDecidedOn(work, line, result.refusal)
      return index
    }
    return undefined
  }

  #decideLine(work: Work, line: Line): LineResult {
    const { identity, command } = line
    if (identity !== undefined) {
      const earlier = this.#replayLine(work, identity)
      if (earlier !== undefined) return earlier
    }
    const { unit, unitId } = work
    const state = this.#state(command.storeId, command.sku)
    const decision = decide(state, command, { unitId, at: unit.at })
    if (decision.accepted) {
      work.events.push(...decision.events)
      this.#setState(work, decision.state)
      const index = work.events.length - 1
      const event = work.events[index]
      if (event === undefined) throw new TypeError('a command was accepted without an event')
      return this.#settleLine(work, line, appliedResult(event, unit.at), index)
    }
    const view = viewAt(state, unit.at)
    const refused = { refusal: decision.refusal, current: { qty: view.qty, version: view.version } }
    if (!unit.atomic) this.#noteDecidedOn(work, line, decision.refusal)
    return this.#settleLine(work, line, { applied: false, ...refused }, refused)
  }

  #settleLine(work: Work, line: Line, result: LineResult, logged: LoggedLine): LineResult {
    work.results.push(result)
    work.lines.push(logged)
    const { identity } = line
    if (identity === undefined || !(result.applied || (isRemembered(result.refusal) && !work.unit.atomic))) {
      return result
    }
    const { key, fingerprint, until } = identity
    const { at } = work.unit
    work.answers.push(loggedAnswer(identity, [logged]))
    const before = this.#answers.get(key)
    work.undo.push(() => (before === undefined ? this.#answers.delete(key) : this.#answers.set(key, before)))
    this.#answers.set(key, { fingerprint, at, until, answer: { at, results: [result] } })
    return result
  }

  #replayLine(work: Work, identity: IdempotencyIdentity): LineResult | undefined {
    const known = this.#find(identity.key, work.unit.at)
    if (known === undefined) return undefined
    const first = known.answer.results[0]
    let result: LineResult
    if (known.fingerprint !== identity.fingerprint || first === undefined) {
      const refusal: Refusal = { code: 'idempotency_conflict', key: bareKey(identity.key) }
      result = { applied: false, refusal, current: { qty: 0, version: 0 } }
    } else {
      result = { ...first, replayed: true }
    }
    work.results.push(result)
    work.lines.push({ earlier: result })
    return result
  }

  /** A remembered refusal holds only while the record it was decided on is as it was. */
  #noteDecidedOn(work: Work, line: Line, refusal: Refusal): void {
    const { storeId, sku } = line.command
    const { lastUnit } = this.#state(storeId, sku)
    if (refusal.code === 'idempotency_conflict' || lastUnit === work.unitId) return
    work.decidedOn.push([storeId, sku, lastUnit])
  }

  #find(key: string, at: number): RememberedAnswer | undefined {
    const drafted = this.#answers.get(key)
    if (drafted !== undefined && isLive(drafted, at, Math.max(this.#logTime, at))) return drafted
    return this.#book.answers.find(key, at)
  }

  #state(storeId: string, sku: string): RecordState {
    return this.#states.get(stateKey(storeId, sku)) ?? this.#book.state(storeId, sku)
  }

  #setState(work: Work, state: RecordState): void {
    const key = stateKey(state.storeId, state.sku)
    if (work.unit.atomic) {
      const before = this.#states.get(key)
      work.undo.push(() => (before === undefined ? this.#states.delete(key) : this.#states.set(key, before)))
    }
    this.#states.set(key, state)
  }
}

function beginWork(unit: Unit, unitId: string): Work {
  return { unit, unitId, events: [], results: [], lines: [], answers: [], decidedOn: [], undo: [] }
}

function clear(work: Work): void {
  for (const list of [work.events, work.results, work.lines, work.answers, work.decidedOn]) list.length = 0
}

function answerOf(work: Work, refusedLine: number | undefined): Answer {
  const { at } = work.unit
  return refusedLine === undefined
    ? { at, results: work.results }
    : { at, results: work.results, refusedLine }
}

function loggedUnit(work: Work): LoggedUnit {
  const { actor, at } = work.unit
  return {
    id: work.unitId,
    at,
    ...(actor === undefined ? undefined : { actor }),
    events: work.events,
    ...(work.answers.length === 0 ? undefined : { answers: work.answers }),
    ...(work.answers.length === 0 || work.decidedOn.length === 0 ? undefined : { decidedOn: work.decidedOn })
  }
}

function loggedAnswer(
  identity: IdempotencyIdentity,
  lines: LoggedLine[],
  refusedLine?: number
): LoggedAnswer {
  const { key, fingerprint, until } = identity
  return refusedLine === undefined
    ? { key, fingerprint, until, lines }
    : { key, fingerprint, until, lines, refusedLine }
}

/** A request whose only answer is that it was wrong in itself may be sent again, corrected, under its key. */
function deservesMemory(unit: Unit, answer: Answer): boolean {
  const [result] = answer.results
  const isOneRefusal =
    (unit.lines.length === 1 || answer.refusedLine !== undefined) && result?.applied === false
  return !isOneRefusal || isRemembered(result.refusal)
}

function replay(identity: IdempotencyIdentity, known: RememberedAnswer): Outcome {
  if (known.fingerprint !== identity.fingerprint) return { kind: 'key_conflict', key: bareKey(identity.key) }
  return { kind: 'answered', answer: known.answer, replayed: true }
}

function stateKey(storeId: string, sku: string): string {
  // Ids hold no control characters, so the parts cannot run into each other.
  return `${storeId}\u0000${sku}`
}
