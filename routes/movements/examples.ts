import type { MovementsRequest, MovementsResult } from '../../plugins/schemas/movements.ts'

export const invoice: MovementsRequest = {
  movements: [
    { type: 'adjust', storeId: 'STORE001', sku: 'SKU123', delta: -2, reference: 'INV-536365' },
    { type: 'adjust', storeId: 'STORE001', sku: 'MUG-RED', delta: -6, reference: 'INV-536365' }
  ],
  atomic: true
}

export const journal: MovementsRequest = {
  movements: [
    { type: 'adjust', storeId: 'STORE001', sku: 'SKU123', delta: -2, idempotencyKey: 'till-4:1201' },
    { type: 'reserve', storeId: 'STORE001', sku: 'SKU123', qty: 5, ttlMs: 900_000 },
    { type: 'adjust', storeId: 'STORE001', sku: 'TEAPOT-1L', delta: -7 }
  ]
}

export const journalResult: MovementsResult = {
  success: true,
  results: [
    { storeId: 'STORE001', sku: 'SKU123', applied: true, newQuantity: 98, newVersion: 2 },
    {
      storeId: 'STORE001',
      sku: 'SKU123',
      applied: true,
      newQuantity: 93,
      newVersion: 3,
      reservation: {
        id: '0197a3b2-6c1e-7d4a-9f00-3b5c8d2e4f61',
        qty: 5,
        status: 'open',
        expiresAt: '2026-01-15T09:45:00.000Z'
      }
    },
    {
      storeId: 'STORE001',
      sku: 'TEAPOT-1L',
      applied: false,
      newQuantity: 6,
      newVersion: 1,
      error: {
        name: 'InsufficientStockError',
        message: 'The record of SKU "TEAPOT-1L" in store "STORE001": requested 7, available 6',
        code: 'INSUFFICIENT_STOCK_ERROR',
        statusCode: 422,
        details: { requested: 7, available: 6 }
      }
    }
  ],
  summary: { total: 3, applied: 2, failed: 1 }
}
