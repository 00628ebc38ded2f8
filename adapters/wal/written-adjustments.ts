import { bareKey } from '../../domain/logged-unit.ts'
import type { WrittenAdjustment } from '../../domain/written-adjustment.ts'
import { loneAdjustment } from './lone-adjustment.ts'

/** In no more parts than a page of the feed is printed from. */
const inPrintedParts = loneAdjustment(
  'at',
  'actor',
  'storeId',
  'sku',
  'amounts',
  'version',
  'notes',
  'askedBy',
  'key'
)

// Many frames are of one millisecond, and its number is made from its digits once.
let parsedText = '0'
let parsedAt = 0

/** The adjustment that the body of a frame holds, where it holds that alone, without escapes; undefined otherwise. */
export function writtenAdjustment(body: string, sequence: number): WrittenAdjustment | undefined {
  const parts = inPrintedParts.exec(body)
  if (parts === null) return undefined
  const { 1: at = '', 2: actor, 3: storeId = '', 4: sku = '', 5: amounts = '', 6: version = '' } = parts
  const { 7: notes = '', 8: askedBy, 9: key } = parts
  if (at !== parsedText) {
    parsedAt = Number(at)
    parsedText = at
  }
  const idempotencyKey = key === undefined ? undefined : bareKey(key)
  return { sequence, at: parsedAt, storeId, sku, amounts, version, notes, askedBy, actor, idempotencyKey }
}
