import { setTimeout as delay } from 'node:timers/promises'
import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'
import { ServerProcess, serviceEnvironment, type ServerCommand } from '../processes/server-process.ts'
import { ApiClient } from './api-client.ts'
import { Auditor } from './auditor.ts'
import { Clients, type ClientCounts } from './clients.ts'
import { RequestSource, storesUnderLoad } from './requests.ts'

export interface KillLoopOptions {
  readonly kills: number
  readonly seed: number
  /** A folder that holds no ledger yet. */
  readonly dataFolder: string
  /** How the service is started; the loop adds where its ledger and its port are. */
  readonly server: ServerCommand
  readonly connections?: number
  /** The most answers before a kill; half as many on average. */
  readonly answersUntilKillMax?: number
  /** Told after each kill and the audit that follows it. */
  readonly onKill?: (report: KillLoopReport) => void
}

export interface KillLoopReport extends ClientCounts {
  /** SIGKILLs under load. */
  readonly kills: number
  /** SIGKILLs between those, of a server that was just starting and recovering. */
  readonly killsWhileStarting: number
  /** Changes that were acknowledged, each of which must be one event. */
  readonly changes: number
  /** Changes that were acknowledged and are not there. */
  readonly lost: number
  /** Changes that are there and were acknowledged to nobody. */
  readonly doubled: number
  /** Whatever does not add up, the lost and doubled changes among it. */
  readonly faults: readonly string[]
}

const answersUntilKillUsual = 1500
const replaysPerRestart = 60
const idempotencyTtlMs = 24 * 60 * 60 * 1000

/**
 * Kills the service with SIGKILL under load, again and again, and starts it on the same folder. After each start it
 * sends again what was not answered, under the same keys, and compares what was acknowledged with what is there.
 * (What a process wrote outlives the process, synced or not: a crash of the machine is for the file-system tests.)
 */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  return await new KillLoop(options).run()
}

class KillLoop {
  readonly #options: KillLoopOptions
  readonly #random: Random
  readonly #auditor = new Auditor(storesUnderLoad)
  readonly #clients: Clients
  #kills = 0
  #killsWhileStarting = 0

  constructor(options: KillLoopOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#clients = new Clients(new RequestSource(options.seed), this.#auditor, options.connections ?? 8)
  }

  async run(): Promise<KillLoopReport> {
    let server = this.#spawn()
    try {
      while (this.#kills < this.#options.kills) {
        const client = new ApiClient(await server.ready)
        // Now and then the load goes on at once, so that retries are killed too.
        if (below(4, this.#random) > 0) await this.#verify(client)
        await this.#loadAndKill(server, client)
        server = await this.#restart()
        this.#options.onKill?.(this.#report())
      }
      const client = new ApiClient(await server.ready)
      await this.#verify(client)
      await this.#auditor.auditAll(client)
      return this.#report()
    } finally {
      await server.end('SIGTERM')
    }
  }

  async #verify(client: ApiClient): Promise<void> {
    await this.#clients.retryUnanswered(client)
    await this.#clients.replaySome(client, replaysPerRestart, this.#random)
    await this.#auditor.audit(client)
  }

  async #loadAndKill(server: ServerProcess, client: ApiClient): Promise<void> {
    const { answersUntilKillMax = answersUntilKillUsual } = this.#options
    let untilKill = 1 + below(answersUntilKillMax, this.#random)
    // Half of them at the instant of an answer, to catch one that came too early; the others anywhere in a cycle.
    const waitMs = below(2, this.#random) * this.#random() * 5
    let killed: Promise<void> | undefined
    await this.#clients.load(client, () => {
      untilKill -= 1
      if (untilKill > 0 || killed !== undefined) return
      killed = waitMs === 0 ? server.end('SIGKILL') : delay(waitMs).then(() => server.end('SIGKILL'))
    })
    if (killed === undefined) throw new Error(`the server ended, nobody killed it: ${server.output}`)
    await killed
    this.#kills += 1
  }

  /** Starts the service, by chance only after it was killed while it was starting. */
  async #restart(): Promise<ServerProcess> {
    for (;;) {
      const server = this.#spawn()
      if (below(5, this.#random) > 0) return server
      await Promise.race([server.ready, delay(this.#random() * 1000)])
      await server.end('SIGKILL')
      this.#killsWhileStarting += 1
    }
  }

  #spawn(): ServerProcess {
    const { server, dataFolder } = this.#options
    const service = { ...serviceEnvironment(dataFolder), IDEMP_TTL_MS: String(idempotencyTtlMs) }
    return new ServerProcess({ ...server, environment: { ...server.environment, ...service } })
  }

  #report(): KillLoopReport {
    const { faults, changes } = this.#auditor
    return {
      kills: this.#kills,
      killsWhileStarting: this.#killsWhileStarting,
      ...this.#clients.counts,
      changes,
      lost: faults.filter(({ kind }) => kind === 'lost').length,
      doubled: faults.filter(({ kind }) => kind === 'doubled').length,
      faults: [...faults.map(({ kind, text }) => `${kind}: ${text}`), ...this.#clients.differences]
    }
  }
}
