import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

/** What happens to a request instead of, or after, its being carried out. */
export type Fault =
  | 'cut before'
  | 'cut after'
  | { readonly status: number; readonly retryAfter?: string; readonly message?: string }

interface Line {
  readonly storeId: string
  readonly sku: string
  readonly delta: number
  readonly idempotencyKey?: string
  readonly reference?: string
  readonly reason?: string
}

interface Body {
  readonly movements: readonly Line[]
  readonly atomic?: boolean
}

interface Result {
  readonly storeId: string
  readonly sku: string
  readonly applied: boolean
  readonly newQuantity: number
  readonly newVersion: number
  readonly error?: { readonly code: string; readonly message: string; readonly statusCode: number }
}

interface StockRecord {
  qty: number
  readonly events: { readonly key: string | undefined; readonly line: Line }[]
}

/** The movements of the contract over a Map: keys are remembered until `forgetKeys`, events for ever. */
export class StockServer {
  readonly records = new Map<string, StockRecord>()
  readonly requests: { readonly body: Body; readonly headers: FastifyRequest['headers'] }[] = []
  /** Decides what befalls the n-th request for movements, from 1. */
  fault: (request: number, body: Body) => Fault | undefined = () => undefined
  /** Called once a request was carried out, before it is answered. */
  onApplied: () => void | Promise<void> = () => undefined
  /** The header of every request, in the order in which they came. */
  readonly apiKeys: FastifyRequest['headers'][string][] = []
  historyRequests = 0
  historyPage = 2
  concurrent = 0
  mostConcurrent = 0
  readonly #answers = new Map<string, Result | { status: number; body: unknown }>()
  readonly #app: FastifyInstance = Fastify({ bodyLimit: 8 * 1024 * 1024, forceCloseConnections: true })

  async listen(): Promise<string> {
    this.#app.addHook('onRequest', (request, _reply, done) => {
      this.apiKeys.push(request.headers['x-api-key'])
      done()
    })
    this.#app.post(
      '/api/inventory/movements',
      async (request, reply) => await this.#movements(request, reply)
    )
    this.#app.get('/api/inventory/stores/:storeId/inventory/:sku/events', (request, reply) =>
      this.#events(request, reply)
    )
    return await this.#app.listen({ port: 0, host: '127.0.0.1' })
  }

  async close(): Promise<void> {
    await this.#app.close()
  }

  /** Holds the first request until a second one is there: a client that sends one at a time never ends. */
  holdFirstForSecond(): void {
    let release: () => void = () => undefined
    const second = new Promise<void>((resolve) => {
      release = resolve
    })
    this.onApplied = async () => {
      if (this.requests.length > 1) release()
      await second
    }
  }

  /** As when IDEMP_TTL_MS has gone by. */
  forgetKeys(): void {
    this.#answers.clear()
  }

  quantities(): Record<string, number> {
    return Object.fromEntries(
      [...this.records].map(([record, { qty }]) => [record.replace('\t', '/'), qty]).sort()
    )
  }

  /** The keys of all events of all records, to see that none is there twice. */
  keys(): (string | undefined)[] {
    return [...this.records.values()].flatMap(({ events }) => events.map(({ key }) => key))
  }

  deltas(storeId: string, sku: string): number[] {
    return this.records.get(`${storeId}\t${sku}`)?.events.map(({ line }) => line.delta) ?? []
  }

  async #movements(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const body = request.body as Body
    this.requests.push({ body, headers: request.headers })
    const fault = this.fault(this.requests.length, body)
    if (fault === 'cut before') return cut(request, reply)
    if (typeof fault === 'object') {
      if (fault.retryAfter !== undefined) reply.header('retry-after', fault.retryAfter)
      return reply.code(fault.status).send(envelope(fault.status, 'FAULT', fault.message ?? 'a fault'))
    }
    this.concurrent += 1
    this.mostConcurrent = Math.max(this.mostConcurrent, this.concurrent)
    await new Promise(setImmediate)
    const answer =
      body.atomic === true ? this.#unit(request, body) : { status: 200, body: this.#singly(body) }
    await this.onApplied()
    this.concurrent -= 1
    if (fault === 'cut after') return cut(request, reply)
    return reply.code(answer.status).send(answer.body)
  }

  #singly({ movements }: Body): unknown {
    const results = movements.map((line) => {
      const known = line.idempotencyKey === undefined ? undefined : this.#answers.get(line.idempotencyKey)
      if (known !== undefined) return known
      const result = this.#apply(line, line.idempotencyKey)
      if (line.idempotencyKey !== undefined) this.#answers.set(line.idempotencyKey, result)
      return result
    })
    return { success: true, results, summary: { total: results.length, applied: 0, failed: 0 } }
  }

  #unit(request: FastifyRequest, { movements }: Body): { status: number; body: unknown } {
    const key = String(request.headers['idempotency-key'])
    const known = this.#answers.get(key)
    if (known !== undefined && 'status' in known) return known
    const answer = this.#decideUnit(movements, key)
    this.#answers.set(key, answer)
    return answer
  }

  #decideUnit(movements: readonly Line[], key: string): { status: number; body: unknown } {
    const before = new Map(
      [...this.records].map(([record, { qty, events }]) => [record, { qty, events: [...events] }])
    )
    const results: Result[] = []
    for (const [line, movement] of movements.entries()) {
      const result = this.#apply(movement, key)
      results.push(result)
      if (result.error === undefined) continue
      this.records.clear()
      for (const [record, state] of before) this.records.set(record, state)
      const { statusCode, code, message } = result.error
      return { status: statusCode, body: envelope(statusCode, code, `Line ${line}: ${message}`, { line }) }
    }
    return { status: 200, body: { success: true, results, summary: {} } }
  }

  #apply(line: Line, key: string | undefined): Result {
    const { storeId, sku, delta } = line
    const name = `${storeId}\t${sku}`
    const record = this.records.get(name) ?? { qty: 0, events: [] }
    const result = { storeId, sku, newQuantity: record.qty, newVersion: record.events.length }
    if (record.qty + delta < 0) {
      const error = this.records.has(name)
        ? {
            code: 'INSUFFICIENT_STOCK_ERROR',
            message: `${sku}: ${record.qty} there, ${-delta} wanted`,
            statusCode: 422
          }
        : { code: 'NOT_FOUND_ERROR', message: `${sku} is not there`, statusCode: 404 }
      return { ...result, applied: false, error }
    }
    record.qty += delta
    record.events.push({ key, line })
    this.records.set(name, record)
    return { ...result, applied: true, newQuantity: record.qty, newVersion: record.events.length }
  }

  #events(request: FastifyRequest, reply: FastifyReply): unknown {
    this.historyRequests += 1
    const { storeId, sku } = request.params as { storeId: string; sku: string }
    const { cursor } = request.query as { cursor?: string }
    const record = this.records.get(`${storeId}\t${sku}`)
    if (record === undefined) return reply.code(404).send(envelope(404, 'NOT_FOUND_ERROR', 'no such record'))
    const newestFirst = record.events.toReversed()
    const from = Number(cursor ?? '0')
    const items = newestFirst
      .slice(from, from + this.historyPage)
      .map(({ key }) => ({ data: { idempotencyKey: key } }))
    const next = from + this.historyPage
    return { items, ...(next < newestFirst.length ? { nextCursor: String(next) } : {}) }
  }
}

function cut(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack()
  request.raw.socket.destroy()
  return reply
}

function envelope(statusCode: number, code: string, message: string, details?: object): unknown {
  return {
    success: false,
    error: { name: code, message, code, statusCode, timestamp: '', ...(details && { details }) }
  }
}
