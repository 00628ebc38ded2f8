import type { StockBook } from './book.ts'
import type { LoggedUnit } from './logged-unit.ts'

/** Whether a unit takes effect at its place in the log; where it does not, the unit it was wrongly decided on, if any. */
export type Verdict = { readonly valid: true } | { readonly valid: false; readonly base?: string }

const VALID: Verdict = { valid: true }

/**
 * The check that decides by position, the same for every reader: each event and each remembered refusal names the
 * unit that last changed its record, no key of the unit is taken, and every key it was decided on is held as it was
 * then. It is frozen with the log's format:
 * rules of business live in `decide` and never change what an old log means.
 */
export function judge(unit: LoggedUnit, book: StockBook): Verdict {
  for (const event of unit.events) {
    if (event.base !== unit.id && event.base !== book.lastUnit(event.storeId, event.sku)) {
      return { valid: false, base: event.base }
    }
  }
  if (unit.decidedOn !== undefined) {
    for (const [storeId, sku, lastUnit] of unit.decidedOn) {
      if (lastUnit !== book.lastUnit(storeId, sku)) return { valid: false, base: lastUnit }
    }
  }
  if (unit.decidedOnKeys !== undefined) {
    for (const [key, unitId] of unit.decidedOnKeys) {
      const holder = book.answers.find(key, unit.at)?.unitId ?? ''
      if (holder !== unitId) return { valid: false, base: unitId }
    }
  }
  if (unit.answers !== undefined) {
    for (const answer of unit.answers) {
      if (book.answers.find(answer.key, unit.at) !== undefined) return { valid: false }
    }
  }
  return VALID
}
