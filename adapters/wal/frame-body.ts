import type { Adjusted } from '../../domain/events.ts'
import type { LoggedAnswer } from '../../domain/logged-unit.ts'
import type { Writable } from '../../domain/writable.ts'
import { fromColumns, toColumns, type BatchFrame } from './batch-body.ts'
import type { Frame, UnitFrame } from './frame.ts'
import { loneAdjustment } from './lone-adjustment.ts'

const inAllParts = loneAdjustment(
  'id',
  'at',
  'actor',
  'storeId',
  'sku',
  'base',
  'delta',
  'qty',
  'reserved',
  'version',
  'reason',
  'reference',
  'askedBy',
  'key',
  'fingerprint',
  'until',
  'segment',
  'offset',
  'chain'
)

/** The body of a frame as the log holds it. */
export function printFrame(frame: Frame): string {
  return JSON.stringify('events' in frame ? toColumns(frame) : frame)
}

/** REQUIRES: the body is that of a line whose kind is `frame`. */
export function parseFrame(body: string): Frame {
  const parts = inAllParts.exec(body)
  if (parts === null) {
    const frame = JSON.parse(body) as Frame | BatchFrame
    return 'adjusted' in frame || 'answered' in frame ? fromColumns(frame) : (frame as Frame)
  }
  const { 1: id = '', 2: at, 3: actor, 17: segment, 18: offset, 19: chain } = parts
  const frame: Writable<UnitFrame> = { id, at: Number(at), events: [adjustmentIn(parts)] }
  if (actor !== undefined) frame.actor = actor
  if (parts[14] !== undefined) frame.answers = [answerIn(parts)]
  if (segment !== undefined) frame.durable = [Number(segment), Number(offset), Number(chain)]
  return frame
}

function adjustmentIn(parts: RegExpExecArray): Adjusted {
  const { 4: storeId = '', 5: sku = '', 6: base = '', 7: delta, 8: qty, 9: reserved, 10: version } = parts
  const event: Writable<Adjusted> = {
    type: 'adjusted',
    storeId,
    sku,
    base,
    delta: Number(delta),
    qty: Number(qty),
    reserved: Number(reserved),
    version: Number(version)
  }
  const { 11: reason, 12: reference, 13: askedBy } = parts
  if (reason !== undefined) event.reason = reason
  if (reference !== undefined) event.reference = reference
  if (askedBy !== undefined) event.askedBy = askedBy
  return event
}

function answerIn({ 14: key = '', 15: fingerprint = '""', 16: until }: RegExpExecArray): LoggedAnswer {
  return { key, fingerprint: JSON.parse(fingerprint) as string, until: Number(until), lines: [0] }
}
