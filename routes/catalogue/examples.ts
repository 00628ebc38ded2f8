import type {
  CreateProducts,
  CreationResults,
  DeleteProducts,
  DeletionResults,
  SetProducts,
  SettingResults
} from '../../plugins/schemas/catalogue.ts'

const lastUpdated = '2026-01-15T09:30:00.000Z'
const productId = 'MUG-RED'

export const creationRequest: CreateProducts = {
  products: [{ productId, name: 'Mug, red', available: 40, price: 4.5 }]
}

export const creationResults: CreationResults = {
  results: [{ productId, success: true, newVersion: 1, lastUpdated }],
  summary: { totalRequests: 1, successfulCreations: 1, failedCreations: 0 }
}

export const settingRequest: SetProducts = {
  products: [
    { productId, price: 3.95, version: 1 },
    { productId: 'MUG-GREEN', available: 12 }
  ]
}

export const settingResults: SettingResults = {
  results: [
    { productId, success: true, newVersion: 2, lastUpdated },
    {
      productId: 'MUG-GREEN',
      success: false,
      errorType: 'not_found',
      errorMessage: 'There is no record of SKU "MUG-GREEN" in store "central"'
    }
  ],
  summary: { totalRequests: 2, successfulUpdates: 1, failedUpdates: 1 }
}

export const deletionRequest: DeleteProducts = { productIds: [productId] }

export const deletionResults: DeletionResults = {
  results: [{ productId, success: true, newVersion: 3, lastUpdated }],
  summary: { totalRequests: 1, successfulDeletions: 1, failedDeletions: 0 }
}
