import type {
  ReservationList,
  ReservationReading,
  ReservationResult,
  StockPage,
  StockRecord,
  StockResult
} from '../../plugins/schemas/stock.ts'
import type { StockHistory } from '../../plugins/schemas/history.ts'

const at = '2026-01-15T09:30:00.000Z'
const reservationId = '0197a3b2-6c1e-7d4a-9f00-3b5c8d2e4f61'

export const openingRecord: StockRecord = {
  storeId: 'STORE001',
  sku: 'SKU123',
  qty: 100,
  reserved: 0,
  version: 1,
  updatedAt: at
}

function result(qty: number, reserved: number, version: number): StockResult {
  return {
    success: true,
    newQuantity: qty,
    newVersion: version,
    record: { ...openingRecord, qty, reserved, version }
  }
}

export const adjusted = result(98, 0, 2)

export const reserved: ReservationResult = {
  ...result(93, 5, 3),
  reservation: { id: reservationId, qty: 5, status: 'open', expiresAt: '2026-01-15T09:45:00.000Z' }
}

export const extended: ReservationResult = {
  ...result(93, 5, 4),
  reservation: { id: reservationId, qty: 5, status: 'open', expiresAt: '2026-01-15T10:15:00.000Z' }
}

const target = { storeId: 'STORE001', sku: 'SKU123', id: reservationId } as const
export const openReading: ReservationReading = {
  ...target,
  status: 'open',
  qty: 5,
  expiresAt: '2026-01-15T09:45:00.000Z'
}
export const committedReading: ReservationReading = { ...target, status: 'committed', qty: 3, endedAt: at }
export const openReservations: ReservationList = {
  items: [openReading],
  nextCursor: 'cmVzZXJ2YXRpb246WyJTS1UxMjMiLCIwMTk3YTNiMi02YzFlLTdkNGEtOWYwMC0zYjVjOGQyZTRmNjEiXQ'
}
export const endedReservations: ReservationList = { items: [committedReading] }

export const released = result(95, 3, 4)
export const committed = result(95, 0, 5)
export const resolutionOfAll = { reservationId }
export const resolutionOfSome = { reservationId, qty: 2 }

export const page: StockPage = {
  items: [openingRecord, { ...openingRecord, sku: 'TEAPOT-1L', qty: 6 }],
  nextCursor: 'c2t1OlRFQVBPVC0xTA'
}

export const history: StockHistory = {
  items: [
    {
      offset: 42,
      timestamp: at,
      eventType: 'inventory_updated',
      storeId: 'STORE001',
      productId: 'SKU123',
      version: 2,
      data: {
        type: 'adjusted',
        delta: -2,
        qty: 98,
        reserved: 0,
        reason: 'stocktaking',
        reference: 'INV-536365',
        idempotencyKey: 'stocktaking-2026-01-15-17'
      }
    }
  ],
  nextCursor: 'c2VxdWVuY2U6NDI'
}
