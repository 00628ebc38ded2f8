import type { Product, ProductPage } from '../../plugins/schemas/products.ts'
import type {
  AppliedUpdate,
  BatchUpdate,
  RefusedUpdate,
  SingleUpdate,
  UpdateResults
} from '../../plugins/schemas/updates.ts'

const lastUpdated = '2026-01-15T09:30:00.000Z'

export const mug: Product = {
  productId: 'MUG-RED',
  name: 'Mug, red',
  available: 40,
  version: 1,
  lastUpdated,
  price: 4.5
}

export const page: ProductPage = { items: [mug], nextCursor: 'cHJvZHVjdDpNVUctUkVE', offset: 42 }

export const single: SingleUpdate = {
  storeId: 'STORE001',
  productId: 'MUG-RED',
  delta: -2,
  version: 1,
  idempotencyKey: 'till-4-1201'
}

export const singleApplied: AppliedUpdate = {
  productId: 'MUG-RED',
  newQuantity: 38,
  newVersion: 2,
  applied: true,
  lastUpdated
}

export const singleRefused: RefusedUpdate = {
  productId: 'MUG-RED',
  newQuantity: 38,
  newVersion: 2,
  applied: false,
  errorType: 'version_conflict',
  errorMessage: 'The record of SKU "MUG-RED" in store "central": expected version 1, actual version 2'
}

export const batch: BatchUpdate = {
  storeId: 'STORE001',
  updates: [
    { productId: 'MUG-RED', delta: -2, version: 1, idempotencyKey: 'till-4-1201' },
    { productId: 'MUG-RED', delta: -1, version: 1, idempotencyKey: 'till-4-1202' }
  ]
}

export const batchResults: UpdateResults = {
  results: [singleApplied, singleRefused],
  summary: { totalRequests: 2, applied: 1, failed: 1 }
}
