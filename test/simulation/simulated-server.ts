import type { FastifyInstance } from 'fastify'
import { loadConfiguration, type Configuration } from '../../plugins/configuration/configuration.ts'
import { buildServer } from '../../server.ts'
import type { ProcessDisk, SimulatedDisk } from './disk.ts'
import { listeningLog } from './listening-log.ts'
import { NoReplyError, type ClockRange, type Message, type Reply } from './messages.ts'
import { Owner, type VirtualTime } from './virtual-time.ts'

interface Life {
  readonly owner: Owner
  readonly disk: ProcessDisk
  readonly ended: Promise<never>
  end(why: string): void
  server?: FastifyInstance
  isStarting: boolean
  isDegraded: boolean
  isEnding: boolean
  failure?: unknown
}

export interface ServerWorld {
  readonly time: VirtualTime
  readonly disk: SimulatedDisk
  readonly dataFolder: string
  /** A seed for each thing that begins. */
  readonly seed: () => number
  /** What the servers say of themselves. */
  readonly onLog: (server: string, severity: string, message: string) => void
}

/** How the servers are set: all of the service is there, and what is rare in life is not rare here. */
export function simulatedConfiguration(dataFolder: string): Configuration {
  return loadConfiguration({
    ROLE: 'api',
    LEDGER_URL: `file:${dataFolder}`,
    DATA_PATH: '',
    IDEMP_TTL_MS: String(24 * 60 * 60 * 1000),
    BREAKER_COOLDOWN_MS: '500',
    RETRY_BASE_MS: '20',
    RATE_LIMIT_RPS: '60',
    RATE_LIMIT_BURST: '60',
    RATE_LIMIT_REQUESTS_PER_MINUTE: '600',
    RATE_LIMIT_ADMIN_REQUESTS_PER_MINUTE: '300'
  })
}

/** The whole service as a process of the simulation: it starts, is asked, is stopped in many ways, and starts anew. */
export class SimulatedServer {
  readonly name: string
  readonly #world: ServerWorld
  readonly #configuration: Configuration
  #life: Life | undefined
  /** What its clock has shown more than the right time, since when. */
  readonly #offsets: { readonly since: number; readonly offsetMs: number }[] = [{ since: 0, offsetMs: 0 }]

  constructor(name: string, world: ServerWorld) {
    this.name = name
    this.#world = world
    this.#configuration = simulatedConfiguration(world.dataFolder)
  }

  get clockOffsetMs(): number {
    return this.#offsets.at(-1)?.offsetMs ?? 0
  }

  get isThere(): boolean {
    return this.#life?.server !== undefined && !this.#life.isEnding
  }

  /** Its disk has failed: it takes no writes, and what others write it does not see. */
  get isDegraded(): boolean {
    return this.#life?.isDegraded === true
  }

  /** Reads modules, as nothing of the simulation does: no time passes meanwhile. */
  get isHolding(): boolean {
    const life = this.#life
    return life !== undefined && life.isStarting && life.owner.awaited === 0
  }

  get disk(): ProcessDisk | undefined {
    return this.#life?.disk
  }

  start(): void {
    if (this.#life !== undefined) return
    const { time, disk, seed } = this.#world
    const owner = new Owner(this.name, seed())
    owner.clockOffsetMs = this.clockOffsetMs
    const { promise: ended, reject } = rejectable()
    const end = (why: string): void => reject(new NoReplyError(`${this.name} ${why}`))
    const life: Life = {
      owner,
      disk: disk.forProcess(),
      ended,
      end,
      isStarting: false,
      isDegraded: false,
      isEnding: false
    }
    this.#life = life
    // Each in an event of its own: of two that read modules at the same time nobody could say who comes first.
    time.as(owner, () => time.schedule(() => this.#build(life), 0))
  }

  #build(life: Life): void {
    life.isStarting = true
    const onLedgerLost = (): void => this.kill('has lost its ledger')
    const { fileSystem } = life.disk
    const log = listeningLog((severity, message) => {
      if (message === 'the ledger takes no more writes') life.isDegraded = true
      if (message === 'the ledger takes writes again') life.isDegraded = false
      this.#world.onLog(this.name, severity, message)
    })
    const options = { fileSystem, clock: () => Date.now(), onLedgerLost }
    void buildServer(this.#configuration, options, log)
      .then((server) => (life.server = server))
      .catch((error: unknown) => (life.failure = error))
      .finally(() => (life.isStarting = false))
  }

  /** Why it could not start; it is gone then. */
  takeFailure(): unknown {
    const failure = this.#life?.failure
    if (failure !== undefined) this.kill('could not start')
    return failure
  }

  /** As kill -9: what it has written stays, nobody who waits for it is answered. */
  kill(why = 'was killed'): void {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    life.isStarting = false
    life.disk.kill()
    this.#world.time.kill(life.owner)
    life.end(why)
  }

  /** As SIGTERM: what is under way is answered. Killed where it takes longer than so many milliseconds. */
  async stop(patienceMs: number): Promise<void> {
    const life = this.#life
    if (life?.server === undefined) return this.kill()
    const { server } = life
    life.isEnding = true
    const closed = this.#world.time.as(life.owner, () => server.close()).catch(() => undefined)
    await Promise.race([closed, life.ended.catch(() => undefined), this.#world.time.wait(patienceMs)])
    if (this.#life === life) this.kill('was stopped')
  }

  stall(milliseconds: number): void {
    if (this.#life !== undefined) this.#life.owner.stalledUntil = this.#world.time.now + milliseconds
  }

  setClock(offsetMs: number): void {
    this.#offsets.push({ since: this.#world.time.now, offsetMs })
    if (this.#life !== undefined) this.#life.owner.clockOffsetMs = offsetMs
  }

  /** What its clock has shown since then, in milliseconds since the epoch. */
  clocks(since: number): ClockRange {
    const before = this.#offsets.findLastIndex((offset) => offset.since <= since)
    const offsets = this.#offsets.slice(Math.max(0, before)).map(({ offsetMs }) => offsetMs)
    const { now } = this.#world.time
    return {
      earliest: Math.floor(since + Math.min(...offsets)),
      latest: Math.ceil(now + Math.max(...offsets))
    }
  }

  /** Rejects with a NoReplyError where none came. */
  async ask({ method, url, headers, body, client }: Message): Promise<Reply> {
    const life = this.#life
    const server = life?.server
    if (life === undefined || server === undefined || life.isEnding)
      throw new NoReplyError(`${this.name} is not there`)
    const wasDegraded = this.isDegraded
    const request = { method, url, headers, remoteAddress: client, ...(body !== undefined && { body }) }
    // It begins when somebody waits for it, and on behalf of whoever does so.
    const answering = this.#world.time.as(life.owner, async () => await server.inject(request))
    const answer = await Promise.race([answering, life.ended])
    const { etag, 'idempotency-replayed': replayed, 'retry-after': retryAfter } = answer.headers
    return {
      status: answer.statusCode,
      body: answer.payload,
      etag: etag === undefined ? undefined : String(etag),
      replayed: replayed === 'true',
      retryAfter: Number(retryAfter ?? 0),
      isBehind: wasDegraded || this.isDegraded
    }
  }
}

function rejectable(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<never>((_resolve, fail) => (reject = fail))
  promise.catch(() => undefined)
  return { promise, reject }
}
