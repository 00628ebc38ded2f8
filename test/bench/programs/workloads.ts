import { seededRandom, below, type Random } from '../../../adapters/file-system/seeded-random.ts'

export type RepeatedWorkload = 'adjust' | 'adjust with key' | 'record' | 'batch'
export type WorkloadName = RepeatedWorkload | 'updates'

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export const movementsPerBatch = 1000

const records = 1000
const requestsPerConnection = 128
const batchesPerConnection = 4
const json = { 'content-type': 'application/json' }

/**
 * The requests that one connection repeats: single ones over a thousand records, in an order of each connection's own,
 * so that the connections do not all ask for the same record at once.
 */
export function requestsOf(name: RepeatedWorkload, connection: number): Request[] {
  const random = seededRandom(connection + 1)
  const count = name === 'batch' ? batchesPerConnection : requestsPerConnection
  return Array.from({ length: count }, () => requestOf(name, random))
}

/** The request as it goes over a keep-alive connection. */
export function bytesOf({ method, path, headers = {}, body = '' }: Request, { host }: URL): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`, 'connection: keep-alive']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (method === 'POST') lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

function requestOf(name: RepeatedWorkload, random: Random): Request {
  if (name === 'batch') {
    const movements = Array.from({ length: movementsPerBatch }, () => ({
      type: 'adjust',
      storeId: 'STORE001',
      sku: skuOf(random),
      delta: 1
    }))
    const body = JSON.stringify({ movements })
    return { method: 'POST', path: '/api/inventory/movements', headers: json, body }
  }
  const path = `/api/inventory/stores/STORE001/inventory/${skuOf(random)}`
  if (name === 'record') return { method: 'GET', path }
  // autocannon puts another id into each request.
  const headers = name === 'adjust' ? json : { ...json, 'idempotency-key': '[<id>]' }
  return { method: 'POST', path: `${path}/adjust`, headers, body: '{"delta":1}' }
}

function skuOf(random: Random): string {
  return `SKU-${below(records, random).toString().padStart(4, '0')}`
}
