import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import type { Command } from '../../../domain/commands.ts'
import type { Answer, LineResult } from '../../../domain/unit.ts'
import type { LogAudit } from './log-audit.ts'
import type { Sight } from './record-history.ts'
import type { AnswerSeen, RecordsSeen } from './witness.ts'

interface Seen {
  readonly answers: readonly AnswerSeen[]
  readonly reads: readonly RecordsSeen[]
}

/**
 * Compares everything that was answered with the final log. REQUIRES: each command has a reference of its own, which
 * the repeats of a request under its key share. Throws an AssertionError.
 */
export class AnswerAudit {
  readonly #log: LogAudit
  readonly #firstAnswers = new Map<string, Answer>()
  readonly #freshAnswers = new Set<string>()
  readonly #claimed = new Set<string>()

  constructor(log: LogAudit) {
    this.#log = log
  }

  /** `mayBeUnanswered`: a writer was killed, so that the log may hold what nobody was told. */
  check({ answers, reads }: Seen, mayBeUnanswered = false): void {
    for (const seen of answers) this.#checkAnswer(seen)
    for (const seen of reads) this.#checkSights(seen)
    if (mayBeUnanswered) return
    for (const reference of this.#log.byReference.keys()) {
      ok(this.#claimed.has(reference), `what ${reference} did was told to somebody`)
    }
  }

  #checkAnswer(seen: AnswerSeen): void {
    const { unit, outcome } = seen
    if (outcome.kind !== 'answered') throw new Error(`a conflict over ${outcome.key}, which nobody asked for`)
    const { answer, replayed } = outcome
    if (unit.identity !== undefined) this.#checkKey(unit.identity.key, answer, replayed)
    const { refusedLine, results } = answer
    equal(results.length, refusedLine === undefined ? unit.lines.length : 1)
    for (const [index, { command, identity }] of unit.lines.entries()) {
      if (refusedLine === undefined || identity === undefined) {
        const isDone = refusedLine === undefined && results[index]!.applied
        equal(this.#log.byReference.has(command.reference!), isDone, `whether ${command.reference} was done`)
      }
      if (refusedLine !== undefined && refusedLine !== index) continue
      const result = results[refusedLine === undefined ? index : 0]!
      const isAgain = replayed || result.replayed === true
      // What an atomic unit was refused on is remembered for the unit, not for its lines: they may be sent again.
      if (identity !== undefined && refusedLine === undefined) {
        const { replayed: _, ...bare } = result
        this.#checkKey(identity.key, { at: 0, results: [bare] }, isAgain)
      }
      if (result.applied) this.#checkApplied(seen, command, result, isAgain)
      else this.#checkRefused(seen, index, command, result, isAgain)
    }
  }

  #checkKey(key: string, answer: Answer, isAgain: boolean): void {
    const first = this.#firstAnswers.get(key)
    if (first === undefined) this.#firstAnswers.set(key, answer)
    else deepStrictEqual(answer, first, `one answer to ${key}`)
    if (isAgain) return
    ok(!this.#freshAnswers.has(key), `one effect of ${key}`)
    this.#freshAnswers.add(key)
  }

  #checkApplied(
    { from, to }: AnswerSeen,
    { reference }: Command,
    { record }: Extract<LineResult, { applied: true }>,
    isAgain: boolean
  ): void {
    const [found, ...others] = this.#log.byReference.get(reference!) ?? []
    ok(found && others.length === 0, `what ${reference} was told to have done is in the log, once`)
    const { storeId, sku, qty, reserved, version } = found.event
    deepStrictEqual(record, { storeId, sku, qty, reserved, version, updatedAt: found.at })
    ok(found.sequence <= to, `${reference} is answered when it is visible`)
    ok(isAgain || found.sequence > from, `${reference} comes after what was visible before`)
    this.#claimed.add(reference!)
  }

  #checkRefused(
    { unit, from, to }: AnswerSeen,
    index: number,
    command: Command,
    { refusal, current }: Extract<LineResult, { applied: false }>,
    isAgain: boolean
  ): void {
    const { storeId, sku } = command
    // What it was refused on was taken back with the atomic unit, or is an older answer.
    const isRepeated = unit.lines.slice(0, index).some((line) => line.command.sku === sku)
    if (isAgain || (unit.atomic && isRepeated)) return
    this.#checkSights({ from, to, at: unit.at, storeId, records: [{ sku, ...current }] })
    const record = this.#log.record(storeId, sku)
    switch (refusal.code) {
      case 'not_found':
        equal(current.version, 0)
        return
      case 'version_conflict':
        equal(refusal.actual, current.version)
        return
      case 'insufficient_stock':
        equal(refusal.available, current.qty)
        ok(refusal.requested > refusal.available)
        return
      case 'reservation_not_found':
        equal(record.held(current.version, refusal.reservationId, unit.at), 0)
        return
      case 'reservation_exceeded':
        equal(record.held(current.version, refusal.reservationId, unit.at), refusal.available)
        return
      default:
        throw new Error(`${refusal.code}, which nobody asked for`)
    }
  }

  /** There is one place in the log, after what was visible before, at which all the records looked so. */
  #checkSights({ from, to, at, storeId, records }: RecordsSeen): void {
    let [first, end] = [from, to + 1]
    for (const { sku, ...sight } of records) {
      const when = this.#log.record(storeId, sku).whenSeen(sight satisfies Sight, at)
      ok(when, `${sku} once looked like ${JSON.stringify(sight)}`)
      first = Math.max(first, when[0])
      end = Math.min(end, when[1])
    }
    ok(first < end, `seen from ${from} to ${to}: ${JSON.stringify(records)}`)
  }
}
