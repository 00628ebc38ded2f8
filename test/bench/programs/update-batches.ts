import { randomUUID } from 'node:crypto'
import type { Request as LoadRequest } from 'autocannon'

export const updatesPerBatch = 1000

/** Products that one connection has for itself, so that it knows the version of each. */
export class UpdateBatches {
  readonly #products: readonly string[]
  readonly #run = randomUUID()
  #version = 0

  constructor(connection: number) {
    const run = this.#run.slice(0, 8)
    this.#products = Array.from({ length: updatesPerBatch }, (_, index) => `P-${run}-${connection}-${index}`)
  }

  /** Creates the products; a server that keeps nothing answers as it likes. */
  async create(url: string): Promise<void> {
    const products = this.#products.map((productId) => ({
      productId,
      name: productId,
      available: 1,
      price: 1
    }))
    const response = await fetch(new URL('/v1/admin/products/create', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ products })
    })
    await response.arrayBuffer()
  }

  /** One update of each product, again and again, at the version that the one before led to. */
  get request(): LoadRequest {
    return {
      method: 'POST',
      path: '/v1/inventory/updates',
      headers: { 'content-type': 'application/json' },
      setupRequest: (request) => ({ ...request, body: this.#next() }),
      onResponse: (_status, body) => {
        if (!body.includes('"failed":0}')) throw new Error(`updates were refused: ${body.slice(-500)}`)
      }
    }
  }

  #next(): string {
    this.#version += 1
    const rest = `","delta":1,"version":${this.#version},"idempotencyKey":"${this.#run}:${this.#version}:`
    const updates = this.#products.map((productId) => `{"productId":"${productId}${rest}${productId}"}`)
    return `{"storeId":"STORE001","updates":[${updates.join(',')}]}`
  }
}
