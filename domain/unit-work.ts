import type { DraftedEffect } from './drafted-unit.ts'
import type { StockEvent } from './events.ts'
import type { DecidedOn, DecidedOnKey, LoggedAnswer, LoggedLine, LoggedUnit } from './logged-unit.ts'
import type { RecordState } from './record.ts'
import { isRemembered } from './refusals.ts'
import type { Answer, IdempotencyIdentity, LineResult, Unit } from './unit.ts'

/** What is gathered while the lines of one unit are decided. */
export interface Work {
  readonly unit: Unit
  readonly unitId: string
  /** The latest instant that the log shows before it, in milliseconds since the epoch. */
  readonly logTime: number
  readonly events: StockEvent[]
  /** The states of the records after the events; fewer where a command led to several events. */
  readonly states: RecordState[]
  readonly results: LineResult[]
  readonly lines: LoggedLine[]
  readonly answers: LoggedAnswer[]
  /** Of the keys of the answers. */
  readonly keyHashes: number[]
  /** By record, what refusals and replays were decided on. */
  readonly decidedOn: Map<string, DecidedOn>
  /** By key, who held it. */
  readonly decidedOnKeys: Map<string, DecidedOnKey>
  readonly undo: (() => void)[]
}

export function beginWork(unit: Unit, unitId: string, logTime: number): Work {
  return {
    unit,
    unitId,
    logTime,
    events: [],
    states: [],
    results: [],
    lines: [],
    answers: [],
    keyHashes: [],
    decidedOn: new Map(),
    decidedOnKeys: new Map(),
    undo: []
  }
}

/** Takes back what the lines of an atomic unit came to; what they were decided on stays true. */
export function forgetLines(work: Work): void {
  const { events, states, results, lines, answers, keyHashes } = work
  for (const list of [events, states, results, lines, answers, keyHashes]) list.length = 0
}

export function answerOf(work: Work, refusedLine: number | undefined): Answer {
  const { at } = work.unit
  return refusedLine === undefined
    ? { at, results: work.results }
    : { at, results: work.results, refusedLine }
}

/**
 * The unit as the log will hold it. A refusal that no key remembers is an answer about the moment it was given in, so
 * it may stand when its record changes later; but not on a unit still in flight, which may turn out void.
 */
export function loggedUnit(work: Work, isInFlight: (storeId: string, sku: string) => boolean): LoggedUnit {
  const { actor, at } = work.unit
  const { answers } = work
  // That the keys of its own answers are free is checked for those anyway.
  if (work.decidedOnKeys.size > 0) for (const { key } of answers) work.decidedOnKeys.delete(key)
  const decidedOn = [...work.decidedOn.values()].filter(
    ([storeId, sku]) => answers.length > 0 || isInFlight(storeId, sku)
  )
  const decidedOnKeys = [...work.decidedOnKeys.values()]
  return {
    id: work.unitId,
    at,
    ...(actor === undefined ? undefined : { actor }),
    events: work.events,
    ...(answers.length === 0 ? undefined : { answers }),
    ...(decidedOn.length === 0 ? undefined : { decidedOn }),
    ...(decidedOnKeys.length === 0 ? undefined : { decidedOnKeys })
  }
}

export function draftedEffect({ events, states, keyHashes }: Work): DraftedEffect | undefined {
  return states.length === events.length ? { states, keyHashes } : undefined
}

export function loggedAnswer(
  identity: IdempotencyIdentity,
  lines: readonly LoggedLine[],
  refusedLine?: number
): LoggedAnswer {
  const { key, fingerprint, until } = identity
  return refusedLine === undefined
    ? { key, fingerprint, until, lines }
    : { key, fingerprint, until, lines, refusedLine }
}

/** The indexes of single events as the lines of an answer: what so many answers hold is made once. */
const loneLines: readonly (readonly LoggedLine[])[] = Array.from({ length: 1024 }, (_, index) => [index])

/** The lines of an answer that is that of one line. */
export function loneLine(line: LoggedLine): readonly LoggedLine[] {
  return (typeof line === 'number' ? loneLines[line] : undefined) ?? [line]
}

/** A request whose only answer is that it was wrong in itself may be sent again, corrected, under its key. */
export function deservesMemory(unit: Unit, answer: Answer): boolean {
  const [result] = answer.results
  const isOneRefusal =
    (unit.lines.length === 1 || answer.refusedLine !== undefined) && result?.applied === false
  return !isOneRefusal || isRemembered(result.refusal)
}
