import { Writable } from 'node:stream'
import type { AddressInfo } from 'node:net'
import fc, { type Arbitrary } from 'fast-check'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { loadConfiguration, type Configuration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import type { Answered } from '../openapi/response-validation.ts'
import { payloadOf, requestBytes, targetOf, type HttpRequest } from './http-request.ts'
import { WatchedLedger } from './ledger-witness.ts'
import { exchange, patienceMs } from './raw-http.ts'
import { unpressed } from '../app/unpressed.ts'

/** What one service of a trial is like. */
export interface TrialSettings {
  readonly preconditionFailedStatus: 409 | 412
  /** Whether callers need a key. */
  readonly closed: boolean
}

export const trialSettings: Arbitrary<TrialSettings> = fc.record({
  preconditionFailedStatus: fc.constantFrom(409, 412),
  closed: fc.boolean()
})

export const keys = {
  administrator: 'key-of-an-administrator',
  caller: 'key-of-a-caller',
  unknown: 'key-of-nobody'
}

/** A service as it runs, over a memory ledger, that nobody limits; its clock is in the hand of the trial. */
export class TrialService {
  readonly server: FastifyInstance
  readonly ledger: WatchedLedger
  readonly configuration: Configuration
  readonly #clock: { now: number }
  readonly #errors: string[]

  private constructor(
    server: FastifyInstance,
    ledger: WatchedLedger,
    configuration: Configuration,
    clock: { now: number },
    errors: string[]
  ) {
    this.server = server
    this.ledger = ledger
    this.configuration = configuration
    this.#clock = clock
    this.#errors = errors
  }

  static async start({ preconditionFailedStatus, closed }: TrialSettings): Promise<TrialService> {
    const defaults = loadConfiguration({})
    const configuration: Configuration = {
      ...defaults,
      preconditionFailedStatus,
      rateLimit: { ...defaults.rateLimit, enabled: false },
      ...(closed && { apiKeys: [keys.caller], adminApiKeys: [keys.administrator] })
    }
    const ledger = new WatchedLedger()
    const clock = { now: Date.UTC(2026, 0, 15) }
    const errors: string[] = []
    const stream = new Writable({
      write: (line: Buffer, _encoding, done) => {
        errors.push(line.toString())
        done()
      }
    })
    const server = await buildServer(
      configuration,
      { ledger, clock: () => clock.now, pressure: unpressed },
      { logger: { level: 'error', stream } }
    )
    await server.listen({ host: '127.0.0.1', port: 0 })
    return new TrialService(server, ledger, configuration, clock, errors)
  }

  /** What the service has logged as an error. */
  get errors(): readonly string[] {
    return this.#errors
  }

  get now(): number {
    return this.#clock.now
  }

  putForward(byMs: number): void {
    this.#clock.now += byMs
  }

  /** The answer without a connection. Rejects where none comes within the patience. */
  async inject(request: HttpRequest): Promise<Answered> {
    const payload = payloadOf(request)
    const options: InjectOptions = {
      method: request.method as 'GET',
      url: targetOf(request),
      headers: Object.fromEntries(request.headers),
      ...(payload !== undefined && { payload })
    }
    return withinPatience(this.server.inject(options))
  }

  /** The answers to these bytes over a connection of their own; `methods` are those of the requests in them. */
  async exchange(bytes: Buffer, methods: readonly string[], hangsUp = false): Promise<readonly Answered[]> {
    const { port } = this.server.server.address() as AddressInfo
    const { answers, rest } = await exchange(port, bytes, methods, hangsUp)
    if (rest.length > 0) throw new Error(`an answer breaks off: ${rest.toString('latin1').slice(0, 200)}`)
    return answers
  }

  /** The answer over a connection of its own. */
  async send(request: HttpRequest): Promise<readonly Answered[]> {
    return this.exchange(requestBytes(request), [request.method])
  }

  async close(): Promise<void> {
    await this.server.close()
    await this.ledger.close()
  }
}

async function withinPatience<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
