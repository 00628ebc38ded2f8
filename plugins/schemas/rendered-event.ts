import type { StockEventType } from '../../domain/events.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { Writable } from '../../domain/writable.ts'
import type { StockChange, StockEvent } from './history.ts'
import { instant } from './printed-instant.ts'

/**
 * An event of the ledger as the contract writes it. `storeId` is the store that asked; where that is not the one whose
 * record changed, `data.storeId` names the latter.
 */
export function renderEvent(sequenced: SequencedEvent): StockEvent {
  const { sequence, at, event } = sequenced
  const askedBy = event.type === 'adjusted' ? event.askedBy : undefined
  return {
    offset: sequence,
    timestamp: instant(at),
    eventType: eventTypeOf(event.type),
    storeId: askedBy ?? event.storeId,
    productId: event.sku,
    version: event.version,
    data: changeOf(sequenced, askedBy)
  }
}

function changeOf({ event, actor, idempotencyKey }: SequencedEvent, askedBy?: string): StockChange {
  const { type, delta, qty, reserved, reason, reference } = event
  const data: Writable<StockChange> = { type, delta, qty, reserved }
  if (askedBy !== undefined && askedBy !== event.storeId) data.storeId = event.storeId
  if ('reservationId' in event) {
    data.reservationId = event.reservationId
    data.units = event.units
    if ('expiresAt' in event && event.expiresAt !== undefined) data.expiresAt = instant(event.expiresAt)
  }
  if ('name' in event) {
    data.name = event.name
    data.price = event.price
  }
  if (reason !== undefined) data.reason = reason
  if (reference !== undefined) data.reference = reference
  if (actor !== undefined) data.actor = actor
  if (idempotencyKey !== undefined) data.idempotencyKey = idempotencyKey
  return data
}

export function eventTypeOf(type: StockEventType): StockEvent['eventType'] {
  switch (type) {
    case 'product_created':
    case 'product_modified':
    case 'product_deleted':
      return type
    case 'adjusted':
    case 'reserved':
    case 'extended':
    case 'released':
    case 'committed':
    case 'expired':
      return 'inventory_updated'
    default:
      return type satisfies never
  }
}
