import type { RecordView } from '../../domain/record.ts'
import type { ReservationReading as Reading } from '../../domain/reservation-pages.ts'
import type { ReservationView } from '../../domain/unit.ts'
import { instant } from '../../plugins/schemas/printed-instant.ts'
import type { Reservation, ReservationReading, StockRecord } from '../../plugins/schemas/stock.ts'

export function renderRecord({ storeId, sku, qty, reserved, version, updatedAt }: RecordView): StockRecord {
  return { storeId, sku, qty, reserved, version, updatedAt: instant(updatedAt) }
}

export function renderReservation({ id, qty, status, expiresAt }: ReservationView): Reservation {
  return expiresAt === undefined ? { id, qty, status } : { id, qty, status, expiresAt: instant(expiresAt) }
}

export function renderReading({ expiresAt, endedAt, ...facts }: Reading): ReservationReading {
  return {
    ...facts,
    ...(expiresAt !== undefined && { expiresAt: instant(expiresAt) }),
    ...(endedAt !== undefined && { endedAt: instant(endedAt) })
  }
}
