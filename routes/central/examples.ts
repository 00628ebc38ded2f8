import type { CentralStock, CentralStockPage } from '../../plugins/schemas/central.ts'

const updatedAt = '2026-01-15T09:30:00.000Z'

const item = {
  sku: 'SKU123',
  stores: {
    STORE001: { qty: 98, reserved: 0, version: 2, updatedAt },
    STORE002: { qty: 8, reserved: 2, version: 5, updatedAt }
  },
  total: 106
}

export const stock: CentralStock = { ...item, sequence: 42 }

export const page: CentralStockPage = { items: [item], sequence: 42, nextCursor: 'Y2VudHJhbDpTS1UxMjM' }
