import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { text } from 'node:stream/consumers'

/** What became of a request. */
export type Fate =
  /** It was answered, to the last byte. */
  | { readonly kind: 'answered'; readonly status: number; readonly closes: boolean }
  /** Nobody listened, or the connection was new and ended without a byte: it was never begun. */
  | { readonly kind: 'refused' }
  /** A connection over which there had been answers, or an answer, was cut off. */
  | { readonly kind: 'cut off'; readonly cause: string }

/** Sends adjusts over one connection, each after the answer to the one before; a new one only when the server ends it. */
export class KeepAliveClient {
  readonly acknowledged: string[] = []
  readonly faults: string[] = []
  /** Answers that said that the connection ends. */
  closings = 0
  /** Connections that were accepted by the system and by nobody else. */
  neverBegun = 0
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #url: string
  readonly #name: string
  readonly #thinkingMs: number

  /** It waits so long after each answer, as whoever has to do something with it. */
  constructor(url: string, name: string, thinkingMs: number) {
    this.#url = url
    this.#name = name
    this.#thinkingMs = thinkingMs
  }

  /** Resolves when nobody listens any more. */
  async run(onAnswer: () => void): Promise<void> {
    for (let count = 1; ; count += 1) {
      const key = `${this.#name}-${count}`
      const fate = await this.#send(key)
      if (fate.kind === 'refused') break
      if (fate.kind === 'answered' && fate.status === 200) this.acknowledged.push(key)
      else this.faults.push(`${key}: ${JSON.stringify(fate)}`)
      if (fate.kind === 'answered' && fate.closes) this.closings += 1
      onAnswer()
      if (this.#thinkingMs > 0) await delay(this.#thinkingMs)
    }
    this.#agent.destroy()
  }

  #send(key: string): Promise<Fate> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      const path = `${this.#url}/api/inventory/stores/S1/inventory/${this.#name}/adjust`
      const sent = request(path, { method: 'POST', agent: this.#agent, headers })
      sent.once('response', (response: IncomingMessage) => {
        const closes = response.headers.connection === 'close'
        const status = response.statusCode ?? 0
        text(response).then(
          () => resolve({ kind: 'answered', status, closes }),
          (error: unknown) => resolve({ kind: 'cut off', cause: String(error) })
        )
      })
      sent.once('error', (error: NodeJS.ErrnoException) => resolve(this.#fateOf(sent, error)))
      sent.end('{"delta":1}')
    })
  }

  #fateOf(sent: ClientRequest, error: NodeJS.ErrnoException): Fate {
    if (error.code === 'ECONNREFUSED') return { kind: 'refused' }
    if (sent.reusedSocket) return { kind: 'cut off', cause: String(error) }
    this.neverBegun += 1
    return { kind: 'refused' }
  }
}
