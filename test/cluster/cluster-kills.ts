import { setTimeout as delay } from 'node:timers/promises'
import { verify } from '../../adapters/verification/verification.ts'
import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'
import { ApiClient, type Fetch } from '../kill/api-client.ts'
import { Auditor } from '../kill/auditor.ts'
import { RequestSource, storesUnderLoad } from '../kill/requests.ts'
import { childrenOf } from '../processes/children.ts'
import { ServerProcess, serviceEnvironment, type ServerCommand } from '../processes/server-process.ts'
import { ObservedOrder } from './observed-order.ts'
import { Tries, type TriesCounts } from './tries.ts'
import { verdict } from './verdict.ts'

export interface ClusterKillsOptions {
  readonly seed: number
  /** How long clients write and processes die; longer where too little has come of it until then (`least`). */
  readonly milliseconds: number
  /** A folder that holds no ledger yet. */
  readonly dataFolder: string
  readonly server: ServerCommand
  /** Servers in the cluster. */
  readonly workerCount: number
  /** Servers beside the cluster, each on a port of its own, with neither its limits nor its sync worker. */
  readonly loneServers: number
  readonly connections?: number
}

export interface ClusterKillsReport extends TriesCounts {
  /** SIGKILLs of servers in the cluster or of its sync worker. */
  readonly memberKills: number
  /** SIGKILLs of the primary, and with it of all the cluster. */
  readonly primaryKills: number
  readonly loneKills: number
  readonly observed: number
  readonly faults: readonly string[]
}

const connectionsUsual = 8
/** What a run has to have seen to say anything, however slow the machine is. */
export const least = { kills: 3, answered: 60, reads: 12, doubled: 6, unanswered: 1 }
/** Whoever does not answer for so long has not been started again. */
const restartMs = 30_000
const pause = (): Promise<void> => delay(5)
const idempotencyTtlMs = 24 * 60 * 60 * 1000

/**
 * A cluster, and servers of their own, on one folder; clients who ask now one and now another; SIGKILLs at random. In the
 * end the clients' accounts must agree with the ledger, with each other's in time, and the ledger with its checks.
 */
export async function clusterKills(options: ClusterKillsOptions): Promise<ClusterKillsReport> {
  return await new ClusterKills(options).run()
}

class ClusterKills {
  readonly #options: ClusterKillsOptions
  readonly #random: Random
  readonly #auditor = new Auditor(storesUnderLoad)
  readonly #order = new ObservedOrder()
  readonly #tries: Tries
  /** The cluster first. */
  readonly #servers: ServerProcess[]
  readonly #clients: (ApiClient | undefined)[] = []
  readonly #kills = { memberKills: 0, primaryKills: 0, loneKills: 0 }

  constructor(options: ClusterKillsOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#servers = Array.from({ length: 1 + options.loneServers }, (_, index) => this.#spawn(index))
    this.#tries = new Tries({
      ways: () => this.#clients.filter((client) => client !== undefined),
      source: new RequestSource(options.seed),
      auditor: this.#auditor,
      order: this.#order,
      random: this.#random,
      pause
    })
  }

  async run(): Promise<ClusterKillsReport> {
    const { milliseconds, connections = connectionsUsual, dataFolder } = this.#options
    try {
      for (const index of this.#servers.keys()) await this.#connect(index)
      const overAt = performance.now() + milliseconds
      const isOver = (): boolean => performance.now() >= overAt && this.#hasSeenEnough
      await Promise.all([this.#tries.load(connections, isOver), this.#killUntil(isOver)])
      const urls = await Promise.all(this.#servers.map(({ ready }) => ready))
      const clients = urls.map((url) => new ApiClient(url, fetchAgain))
      // By several connections, and so by several processes of the cluster.
      const faults = await verdict([...clients, ...clients, ...clients], {
        auditor: this.#auditor,
        order: this.#order,
        tries: this.#tries
      })
      for (const server of this.#servers) await server.end('SIGTERM')
      const { differences, notes } = await verify(dataFolder)
      return {
        ...this.#tries.counts,
        ...this.#kills,
        observed: this.#order.count,
        faults: [...faults, ...differences, ...notes]
      }
    } finally {
      for (const server of this.#servers) await server.end('SIGKILL')
    }
  }

  get #hasSeenEnough(): boolean {
    const { memberKills, primaryKills, loneKills } = this.#kills
    const { answered, reads, doubled, unanswered } = this.#tries.counts
    return (
      memberKills + primaryKills + loneKills >= least.kills &&
      answered >= least.answered &&
      reads >= least.reads &&
      doubled >= least.doubled &&
      unanswered >= least.unanswered
    )
  }

  async #killUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await delay(100 + below(900, this.#random))
      const chance = below(10, this.#random)
      if (chance === 0) await this.#killServer(0)
      else if (chance < 3 && this.#servers.length > 1) {
        await this.#killServer(1 + below(this.#servers.length - 1, this.#random))
      } else await this.#killMember()
    }
  }

  async #killMember(): Promise<void> {
    const primary = this.#servers[0]
    if (primary === undefined) return
    const members = await childrenOf(primary.pid)
    const victim = members[below(Math.max(1, members.length), this.#random)]
    if (victim === undefined || !killed(victim)) return
    this.#kills.memberKills += 1
  }

  async #killServer(index: number): Promise<void> {
    const server = this.#servers[index]
    if (server === undefined) return
    this.#clients[index] = undefined
    await server.end('SIGKILL')
    if (index === 0) this.#kills.primaryKills += 1
    else this.#kills.loneKills += 1
    this.#servers[index] = this.#spawn(index)
    await this.#connect(index)
  }

  async #connect(index: number): Promise<void> {
    const url = await this.#servers[index]?.ready
    if (url !== undefined) this.#clients[index] = new ApiClient(url)
  }

  #spawn(index: number): ServerProcess {
    const { server, dataFolder, workerCount } = this.#options
    const part: Record<string, string> =
      index === 0 ? { INVENTORY_WORKER_COUNT: String(workerCount) } : { ROLE: 'api' }
    return new ServerProcess({
      ...server,
      environment: {
        ...server.environment,
        ...serviceEnvironment(dataFolder),
        IDEMP_TTL_MS: String(idempotencyTtlMs),
        // What dies here is meant to.
        LOG_LEVEL: 'error',
        ...part
      }
    })
  }
}

/**
 * For reads only: a connection may still be open here to a process that was the last to be killed, and nobody listens
 * where all servers of the cluster were, until the first of those that take their places does.
 */
const fetchAgain: Fetch = async (url, init) => {
  const patientUntil = performance.now() + restartMs
  while (performance.now() < patientUntil) {
    const response = await fetch(url, init).catch(() => undefined)
    if (response !== undefined) return response
    await pause()
  }
  return await fetch(url, init)
}

/** Whether there was a process to be killed. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
