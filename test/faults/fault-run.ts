import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../../adapters/file-system/seeded-random.ts'
import { verify } from '../../adapters/verification/verification.ts'
import { ObservedOrder } from '../cluster/observed-order.ts'
import { Tries, type TriesCounts } from '../cluster/tries.ts'
import { verdict } from '../cluster/verdict.ts'
import { ApiClient, type Fetch } from '../kill/api-client.ts'
import { Auditor } from '../kill/auditor.ts'
import { RequestSource, storesUnderLoad } from '../kill/requests.ts'
import { ServerProcess, serviceEnvironment, type ServerCommand } from '../processes/server-process.ts'

export interface FaultRunOptions {
  readonly seed: number
  /** A folder that holds no ledger yet. */
  readonly dataFolder: string
  /** What is run the n-th time, from 1 on: whatever ends the service, it is started again. */
  readonly command: (start: number) => ServerCommand
  /** Requests that get their final answer, at least. */
  readonly answers: number
  /** Does the harm while clients write; the load goes on until it resolves. */
  readonly harm?: (run: FaultRun) => Promise<void>
  readonly connections?: number
}

export interface FaultReport extends TriesCounts {
  /** How often the service was started. */
  readonly starts: number
  /** Changes that were acknowledged, each of which must be one event. */
  readonly changes: number
  /** Whatever does not add up. */
  readonly faults: readonly string[]
  /** What is in the log of what was never acknowledged. */
  readonly notes: readonly string[]
}

const connectionsUsual = 6
/** Who gets an answer of this or above knows nothing of what became of the request, and asks again. */
const unknownFrom = 500

/**
 * The real service, harmed from outside while clients write who ask until they are answered. In the end it has to be
 * healthy without a hand, the clients' accounts have to agree with it, and the folder with all its checks.
 */
export class FaultRun {
  readonly #options: FaultRunOptions
  readonly #auditor = new Auditor(storesUnderLoad)
  readonly #order = new ObservedOrder()
  readonly #tries: Tries
  #server: ServerProcess
  #client: ApiClient | undefined
  #starts = 0
  /** Whether nobody is to start the service anew when it ends. */
  #isPaused = false
  #hasFailed = false

  constructor(options: FaultRunOptions) {
    this.#options = options
    this.#tries = new Tries({
      ways: () => {
        if (this.#hasFailed) throw new Error('the run has failed')
        return this.#client === undefined ? [] : [this.#client]
      },
      source: new RequestSource(options.seed),
      auditor: this.#auditor,
      order: this.#order,
      random: seededRandom(options.seed),
      pause: () => delay(5)
    })
    this.#server = this.#start()
  }

  /** Requests that got their final answer so far. */
  get answered(): number {
    return this.#tries.counts.answered
  }

  get unanswered(): number {
    return this.#tries.counts.unanswered
  }

  get starts(): number {
    return this.#starts
  }

  /** The process that serves at present. */
  get server(): ServerProcess {
    return this.#server
  }

  /** Resolves when it is so; looks again each time that other work had its turn. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await delay(5)
  }

  /** Resolves when the service says that it takes writes. */
  async untilReady(): Promise<void> {
    for (;;) {
      const url = await this.#server.ready.catch(() => undefined)
      const response = url && (await fetch(`${url}/api/health/readiness`).catch(() => undefined))
      await (response || undefined)?.arrayBuffer().catch(() => undefined)
      if (response && response.status === 200) return
      await delay(20)
    }
  }

  /**
   * Stops the service where it is, as a machine stops that loses its power: of what comes after that nobody is told
   * anything. Linux only.
   */
  async freeze(): Promise<void> {
    const { pid } = this.#server
    this.#server.signal('SIGSTOP')
    // The thread that answers; others may be in the middle of a call of the system.
    const isStopped = (): boolean => /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    await this.until(isStopped)
  }

  /** Kills the service, as the end of its machine would, and starts it again when `meanwhile` is done. */
  async restart(meanwhile: () => void): Promise<void> {
    const ended = this.#server
    this.#isPaused = true
    await ended.end('SIGKILL')
    meanwhile()
    this.#isPaused = false
    this.#server = this.#start()
  }

  async run(): Promise<FaultReport> {
    const { answers, connections = connectionsUsual, dataFolder, harm } = this.#options
    try {
      await this.#server.ready
      let isHarmed = harm === undefined
      const harmed = harm?.(this).finally(() => (isHarmed = true))
      await Promise.all([this.#tries.load(connections, () => isHarmed && this.answered >= answers), harmed])
      await this.untilReady()
      const client = this.#client
      if (client === undefined) throw new Error('nobody is left to ask')
      const faults = await verdict([client], {
        auditor: this.#auditor,
        order: this.#order,
        tries: this.#tries
      })
      this.#isPaused = true
      await this.#server.end('SIGTERM')
      const { differences, notes } = await verify(dataFolder)
      const { counts } = this.#tries
      const { changes } = this.#auditor
      return { ...counts, starts: this.#starts, changes, faults: [...faults, ...differences], notes }
    } catch (error) {
      // Who waits for an answer would wait for ever.
      this.#hasFailed = true
      throw error
    } finally {
      this.#isPaused = true
      await this.#server.end('SIGKILL')
    }
  }

  #start(): ServerProcess {
    this.#starts += 1
    const { command, dataFolder } = this.#options
    const { environment, ...rest } = command(this.#starts)
    const server = new ServerProcess({
      ...rest,
      environment: {
        ...serviceEnvironment(dataFolder),
        ROLE: 'api',
        LOG_LEVEL: 'fatal',
        IDEMP_TTL_MS: String(24 * 60 * 60 * 1000),
        BREAKER_COOLDOWN_MS: '1000',
        ...environment
      }
    })
    server.ready.then(
      (url) => (this.#client = new ApiClient(url, patientFetch)),
      () => undefined
    )
    void server.exit().then(() => {
      if (this.#server !== server) return
      this.#client = undefined
      if (!this.#isPaused) this.#server = this.#start()
    })
    return server
  }
}

const patientFetch: Fetch = async (url, init) => {
  const response = await fetch(url, init)
  if (response.status < unknownFrom) return response
  await response.arrayBuffer()
  throw new Error(`${url} answered ${response.status}`)
}
