import type { StockEventType } from '../../domain/events.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { PrintableEvent, WrittenAdjustment } from '../../domain/written-adjustment.ts'
import { instant } from '../schemas/printed-instant.ts'
import { eventTypeOf } from '../schemas/rendered-event.ts'

/** What JSON writes as it is: ASCII but for control characters, the quote and the backslash. */
const plain = /^[ !#-[\]-~]*$/

/**
 * The event as JSON: what `JSON.stringify(renderEvent(event))` gives, in half the time. A follower that reads the whole
 * log has the service do nothing else.
 */
export function printEvent(event: PrintableEvent): string {
  return 'event' in event ? printSequenced(event) : printWritten(event)
}

/** No text of it needs to be looked at, and no number printed again. */
function printWritten(event: WrittenAdjustment): string {
  const { sequence, at, storeId, sku, amounts, version, notes, askedBy, actor, idempotencyKey } = event
  const asking = askedBy ?? storeId
  let data = `{"type":"adjusted",${amounts}`
  if (asking !== storeId) data += `,"storeId":"${storeId}"`
  data += notes
  if (actor !== undefined) data += `,"actor":"${actor}"`
  if (idempotencyKey !== undefined) data += `,"idempotencyKey":"${idempotencyKey}"`
  return `${head(sequence, at, 'adjusted')},"storeId":"${asking}","productId":"${sku}","version":${version},"data":${data}}}`
}

function printSequenced({ sequence, at, event, actor, idempotencyKey }: SequencedEvent): string {
  const { type, storeId, delta, qty, reserved, reason, reference } = event
  const asking = (event.type === 'adjusted' ? event.askedBy : undefined) ?? storeId
  let data = `{"type":"${type}","delta":${delta},"qty":${qty},"reserved":${reserved}`
  if (asking !== storeId) data += `,"storeId":${quoted(storeId)}`
  if ('reservationId' in event) {
    data += `,"reservationId":${quoted(event.reservationId)},"units":${event.units}`
    if ('expiresAt' in event && event.expiresAt !== undefined)
      data += `,"expiresAt":"${instant(event.expiresAt)}"`
  }
  if ('name' in event) data += `,"name":${quoted(event.name)},"price":${event.price}`
  if (reason !== undefined) data += `,"reason":${quoted(reason)}`
  if (reference !== undefined) data += `,"reference":${quoted(reference)}`
  if (actor !== undefined) data += `,"actor":${quoted(actor)}`
  if (idempotencyKey !== undefined) data += `,"idempotencyKey":${quoted(idempotencyKey)}`
  return `${head(sequence, at, type)},"storeId":${quoted(asking)},"productId":${quoted(event.sku)},"version":${event.version},"data":${data}}}`
}

function head(sequence: number, at: number, type: StockEventType): string {
  return `{"offset":${sequence},"timestamp":"${instant(at)}","eventType":"${eventTypeOf(type)}"`
}

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}
