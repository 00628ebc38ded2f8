import { bareKey, sequencedEvents, type LoggedUnit } from '../../domain/logged-unit.ts'
import type { Adjusted } from '../../domain/events.ts'
import type { SequencedEvent } from '../../domain/unit.ts'

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] }

/** A text without escapes, which therefore is what stands between its quotes. */
const plain = '"([^"\\\\]*)"'
const anyText = '"(?:[^"\\\\]|\\\\.)*"'
const amount = '(-?\\d+)'

/**
 * The body of a frame as `JSON.stringify` writes it where it holds one adjustment, with the answer to its own key or
 * none. A frame that holds anything else, or texts with escapes, does not match.
 */
const loneAdjustment = new RegExp(
  `^\\{"id":${plain},"at":(\\d+)(?:,"actor":${plain})?` +
    `,"events":\\[\\{"type":"adjusted","storeId":${plain},"sku":${plain},"base":${plain}` +
    `,"delta":${amount},"qty":${amount},"reserved":${amount},"version":${amount}` +
    `(?:,"reason":${plain})?(?:,"reference":${plain})?(?:,"askedBy":${plain})?\\}\\]` +
    `(?:,"answers":\\[\\{"key":${plain},"fingerprint":${anyText},"until":\\d+,"lines":\\[0\\]\\}\\])?` +
    `(?:,"durable":\\[[\\d,]+\\])?\\}$`
)

/**
 * The events of the unit whose frame has this body, as readers get them; `firstSequence` is that of its first event.
 * Most frames hold a single adjustment, and parsing them is most of what a follower of the whole log waits for: such a
 * one is taken apart by an expression, in half the time that `JSON.parse` takes.
 */
export function readEvents(body: string, firstSequence: number): SequencedEvent[] {
  const parts = loneAdjustment.exec(body)
  if (parts === null) return sequencedEvents(JSON.parse(body) as LoggedUnit, firstSequence)
  const { 1: unitId = '', 2: at, 3: actor, 4: storeId = '', 5: sku = '', 6: base = '' } = parts
  const event: Writable<Adjusted> = {
    type: 'adjusted',
    storeId,
    sku,
    base,
    delta: Number(parts[7]),
    qty: Number(parts[8]),
    reserved: Number(parts[9]),
    version: Number(parts[10])
  }
  const { 11: reason, 12: reference, 13: askedBy, 14: key } = parts
  if (reason !== undefined) event.reason = reason
  if (reference !== undefined) event.reference = reference
  if (askedBy !== undefined) event.askedBy = askedBy
  const sequenced: Writable<SequencedEvent> = { sequence: firstSequence, at: Number(at), unitId, event }
  if (actor !== undefined) sequenced.actor = actor
  if (key !== undefined) sequenced.idempotencyKey = bareKey(key)
  return [sequenced]
}
