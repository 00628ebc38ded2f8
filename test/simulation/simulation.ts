import { Auditor } from './auditor.ts'
import { Chance } from './chance.ts'
import { Checkpoint } from './checkpoint.ts'
import { Clients } from './clients.ts'
import { SimulatedDisk, type Disguise } from './disk.ts'
import { Follower } from './followers.ts'
import { History } from './history.ts'
import { Network, type Ask } from './network.ts'
import { RequestSource } from './request-source.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedWorker } from './simulated-worker.ts'
import { installMachine } from './virtual-machine.ts'
import { VirtualTime } from './virtual-time.ts'
import { Weather } from './weather.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Things that clients do, each up to its answer. */
  readonly steps: number
  readonly serverCount?: number
  /** For tests that want to see a fault found. */
  readonly disguise?: Disguise
  readonly tamper?: (ask: Ask) => Ask
  /** Told of all that happens. */
  readonly onLine?: (line: string) => void
}

export interface SimulationReport {
  readonly seed: number
  readonly steps: number
  /** What does not add up. */
  readonly faults: readonly string[]
  /** What has happened, in short: the same for the same seed. */
  readonly history: string
  readonly counts: Readonly<Record<string, unknown>>
}

const clientCount = 6
const followerCount = 2
const stepsPerCheckpoint = 120
const dayMs = 24 * 60 * 60 * 1000
/** Each run is later than the one before: the library that makes reservation ids never goes back. */
let began = Date.UTC(2026, 0, 1)

/**
 * The whole service in one process: several servers with all that they are made of, the sync worker, one disk, clients and
 * followers, and everything that can go wrong with them, in an order that follows from the seed alone. REQUIRES: one at a
 * time, and `FASTIFY_AUTOLOAD_TYPESCRIPT` set, as for every server that runs from its sources.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const time = new VirtualTime(began)
  const uninstall = installMachine(time, new Chance(options.seed))
  try {
    return await new Simulation(options, time).run()
  } finally {
    uninstall()
    began = Math.ceil((time.now + dayMs) / dayMs) * dayMs
  }
}

class Simulation {
  readonly #options: SimulationOptions
  readonly #time: VirtualTime
  readonly #chance: Chance
  readonly #auditor = new Auditor()
  readonly #servers: readonly SimulatedServer[]
  readonly #worker: SimulatedWorker
  readonly #network: Network
  readonly #clients: Clients
  readonly #followers: readonly Follower[]
  readonly #weather: Weather
  readonly #history: History
  readonly #checkpoint: Checkpoint
  #done = 0
  #allowed = 0
  #isOver = false

  constructor(options: SimulationOptions, time: VirtualTime) {
    const { seed, serverCount = 3, disguise, tamper, onLine } = options
    const chance = new Chance(seed)
    const chanceOf = (): Chance => new Chance(chance.seed())
    const auditor = this.#auditor
    const disk = new SimulatedDisk(time, chanceOf(), disguise)
    const history = new History(time, onLine)
    const world = {
      time,
      disk,
      dataFolder: '/simulation/data',
      seed: () => chance.seed(),
      onLog: (...said: [string, string, string]) => history.note(...said)
    }
    const servers = Array.from(
      { length: serverCount },
      (_, index) => new SimulatedServer(`S${index + 1}`, world)
    )
    const worker = new SimulatedWorker(world)
    const network = new Network({ time, chance: chanceOf(), servers, ...(tamper && { tamper }) })
    const source = new RequestSource(chanceOf(), (target) => auditor.versionOf(target))
    const following = { time, chance: chanceOf(), network, auditor, servers }
    this.#options = options
    this.#time = time
    this.#chance = chanceOf()
    this.#servers = servers
    this.#worker = worker
    this.#network = network
    this.#history = history
    this.#clients = new Clients({ network, auditor, source, chance: chanceOf(), history })
    this.#followers = Array.from({ length: followerCount }, (_, n) => new Follower(following, `10.0.1.${n}`))
    this.#weather = new Weather({ time, chance: chanceOf(), disk, servers, worker, history })
    this.#checkpoint = new Checkpoint({ ...following, worker, disk, weather: this.#weather })
  }

  async run(): Promise<SimulationReport> {
    let failure: unknown
    const work = this.#work()
      .catch((error: unknown) => (failure = error))
      .finally(() => (this.#isOver = true))
    const isHeld = (): boolean => this.#servers.some(({ isHolding }) => isHolding)
    await this.#time.run(() => this.#isOver || this.#takeFailures(), isHeld)
    if (this.#isOver) await work
    if (failure !== undefined) this.#auditor.fault(textOf(failure))
    for (const server of this.#servers) server.kill()
    this.#worker.kill()
    if (failure === undefined) {
      for (const difference of await this.#checkpoint.verify()) this.#auditor.fault(`verify: ${difference}`)
    }
    const { seed, steps } = this.#options
    return {
      seed,
      steps,
      faults: this.#auditor.faults,
      history: this.#history.digest(),
      counts: this.#counts()
    }
  }

  async #work(): Promise<void> {
    for (const server of this.#servers) server.start()
    this.#worker.start()
    let isOver = false
    const background = Promise.all([
      this.#weather.blow(() => isOver),
      ...this.#followers.map((follower) => follower.follow(() => isOver))
    ])
    const { steps } = this.#options
    while (this.#done < steps) {
      this.#allowed = Math.min(steps, this.#done + stepsPerCheckpoint)
      await Promise.all(Array.from({ length: clientCount }, (_, number) => this.#client(`10.0.0.${number}`)))
      await this.#checkpoint.pass()
    }
    isOver = true
    await background
    await this.#checkpoint.end()
  }

  async #client(address: string): Promise<void> {
    while (this.#done < this.#allowed) {
      this.#done += 1
      await this.#clients.step(address)
      await this.#time.wait(this.#chance.below(120))
    }
  }

  /** Whoever cannot start has found something damaged, unless the disk is to blame: it will be started again. */
  #takeFailures(): boolean {
    for (const participant of [...this.#servers, this.#worker]) {
      const failure = participant.takeFailure()
      if (failure === undefined) continue
      if (!(failure instanceof Error) || !('code' in failure) || failure.code === 'damaged') {
        this.#auditor.fault(`it could not be started: ${textOf(failure)}`)
        return true
      }
      this.#history.note('not started', String(failure.code))
      void this.#time.wait(100).then(() => participant.start())
    }
    return false
  }

  #counts(): Record<string, unknown> {
    return {
      virtualSeconds: Math.round(this.#time.steadyNow() / 1000),
      ...this.#clients.counts,
      events: this.#auditor.feed.count,
      expired: this.#auditor.feed.expired,
      ...this.#network.counts,
      followed: this.#followers.reduce((sum, { counts }) => sum + counts.events, 0),
      ...this.#worker.counts,
      ...this.#weather.counts
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)
}
