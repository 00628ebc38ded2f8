import type { Adjusted } from '../../domain/events.ts'
import type { LoggedAnswer } from '../../domain/logged-unit.ts'
import type { Writable } from '../../domain/writable.ts'
import type { Frame, UnitFrame } from './frame.ts'

/** A text without escapes, which therefore is what stands between its quotes. */
const plain = '"([^"\\\\]*)"'
const amount = '(-?\\d+)'

/**
 * The body of a frame as `JSON.stringify` writes it where it holds one adjustment, with the answer to its own key or
 * none. A frame that holds anything else, or texts with escapes, does not match. Most frames hold that, and parsing them
 * is much of what a start, a follower, and the processes beside a writer wait for: to take one apart by an expression
 * takes half the time of `JSON.parse`.
 */
const loneAdjustment = new RegExp(
  `^\\{"id":${plain},"at":(\\d+)(?:,"actor":${plain})?` +
    `,"events":\\[\\{"type":"adjusted","storeId":${plain},"sku":${plain},"base":${plain}` +
    `,"delta":${amount},"qty":${amount},"reserved":${amount},"version":${amount}` +
    `(?:,"reason":${plain})?(?:,"reference":${plain})?(?:,"askedBy":${plain})?\\}\\]` +
    `(?:,"answers":\\[\\{"key":${plain},"fingerprint":("(?:[^"\\\\]|\\\\.)*"),"until":(\\d+),"lines":\\[0\\]\\}\\])?` +
    `(?:,"durable":\\[(\\d+),(\\d+),(\\d+)\\])?\\}$`
)

/** REQUIRES: the body is that of a line whose kind is `frame`. */
export function parseFrame(body: string): Frame {
  const parts = loneAdjustment.exec(body)
  if (parts === null) return JSON.parse(body) as Frame
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
