import type { Test } from 'tap'
import type { components } from './openapi-types.ts'
import type { ServiceClient } from './service-client.ts'

type Schemas = components['schemas']

const record = '/api/inventory/stores/{storeId}/inventory/{sku}'
const path = { storeId: 'S1', sku: 'never written' }
const params = { path }

/**
 * Calls that the compiler must refuse: where it would not, the directive is an error of `npm run typecheck`. What is
 * sent nevertheless the service refuses too.
 */
export async function callMistyped(t: Test, client: ServiceClient): Promise<void> {
  // @ts-expect-error no such field
  const unknownField: Schemas['AdjustRequest'] = { delta: 1, quantity: 1 }
  // @ts-expect-error no such type of movement
  const move: Schemas['MovementsRequest']['movements'][number] = { type: 'move', ...path, delta: 1 }
  // @ts-expect-error a field of another type of movement
  const adjust: Schemas['MovementsRequest']['movements'][number] = { type: 'adjust', ...path, qty: 1 }
  const otherName = { storeId: 'S1', SKU: 'K1' }
  const answers = [
    await client.POST(`${record}/adjust`, { params, body: unknownField }),
    await client.POST('/api/inventory/movements', { body: { movements: [move] } }),
    await client.POST('/api/inventory/movements', { body: { movements: [adjust] } }),
    // @ts-expect-error a text is no number
    await client.POST(`${record}/adjust`, { params, body: { delta: '1' } }),
    // @ts-expect-error a required field is missing
    await client.POST(`${record}/reserve`, { params, body: {} }),
    // @ts-expect-error the body is missing
    await client.POST(`${record}/adjust`, { params }),
    // @ts-expect-error a path parameter has another name
    await client.GET(`${record}/events`, { params: { path: otherName, query: { limit: 0 } } }),
    // @ts-expect-error a text is no whole number
    await client.GET(`${record}/events`, { params: { path, query: { limit: 'all' } } }),
    // @ts-expect-error no such method of this path
    await client.POST(record, { params, body: { delta: 1 } }),
    // @ts-expect-error no such path
    await client.GET('/api/inventory/stock')
  ]
  t.strictSame(
    answers.map(({ response }) => response.status),
    [400, 400, 400, 400, 400, 400, 400, 400, 404, 404]
  )

  const { data, error } = await client.GET(record, { params })
  // @ts-expect-error no such field of an answer
  t.equal(data?.quantity, undefined)
  t.equal(error?.error.code, 'NOT_FOUND_ERROR', 'none of them has changed anything')
  // @ts-expect-error no error has this code
  const noCode: typeof error.error.code = 'OUT_OF_STOCK'
  t.not(error?.error.code, noCode)
}
