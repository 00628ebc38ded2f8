import type { RecordView } from '../../domain/record.ts'
import type { ReservationView, SequencedEvent } from '../../domain/unit.ts'
import type { StockEvent } from '../../plugins/schemas/history.ts'
import type { Reservation, StockRecord } from '../../plugins/schemas/stock.ts'

// Most answers speak of the millisecond that the one before spoke of, and printing it costs more than any other line here.
let printedAt = 0
let printed = new Date(printedAt).toISOString()

/** An instant in milliseconds since the epoch as the contract writes it. */
export function instant(at: number): string {
  if (at !== printedAt) {
    printed = new Date(at).toISOString()
    printedAt = at
  }
  return printed
}

export function renderRecord({ storeId, sku, qty, reserved, version, updatedAt }: RecordView): StockRecord {
  return { storeId, sku, qty, reserved, version, updatedAt: instant(updatedAt) }
}

export function renderReservation({ id, qty, status, expiresAt }: ReservationView): Reservation {
  return expiresAt === undefined ? { id, qty, status } : { id, qty, status, expiresAt: instant(expiresAt) }
}

export function renderEvent({ sequence, at, actor, idempotencyKey, event }: SequencedEvent): StockEvent {
  const { storeId, sku, base: _base, version, ...data } = event
  const expiresAt =
    'expiresAt' in event && event.expiresAt !== undefined ? instant(event.expiresAt) : undefined
  const { expiresAt: _expiresAt, ...facts } = data as typeof data & { expiresAt?: number }
  return {
    offset: sequence,
    timestamp: instant(at),
    eventType: 'inventory_updated',
    storeId,
    productId: sku,
    version,
    data: {
      ...facts,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(actor !== undefined && { actor }),
      ...(idempotencyKey !== undefined && { idempotencyKey })
    }
  }
}
