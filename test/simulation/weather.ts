import type { Chance } from './chance.ts'
import type { SimulatedDisk } from './disk.ts'
import type { History } from './history.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { SimulatedWorker } from './simulated-worker.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface WeatherWorld {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly disk: SimulatedDisk
  readonly servers: readonly SimulatedServer[]
  readonly worker: SimulatedWorker
  readonly history: History
}

const farthestClockMs = 10 * 60_000
const gusts = [
  'kill',
  'kill',
  'powerCut',
  'stop',
  'stall',
  'stall',
  'clock',
  'fullDisk',
  'slowDisk',
  'failedSync',
  'failedWrite',
  'tornWrite',
  'failedReads',
  'workerKill',
  'workerFault'
] as const
type Gust = (typeof gusts)[number]

/** What goes wrong, when, and for how long: all by the seed. */
export class Weather {
  readonly counts: Partial<Record<Gust, number>> = {}
  readonly #world: WeatherWorld

  constructor(world: WeatherWorld) {
    this.#world = world
  }

  async blow(isOver: () => boolean): Promise<void> {
    const { time, chance } = this.#world
    while (!isOver()) {
      await time.wait(20 + chance.below(700))
      if (!isOver()) await this.#gust(chance.oneOf(gusts))
    }
  }

  /** Everything works again, and everybody is there or on the way. */
  heal(): void {
    const { worker } = this.#world
    this.healServers()
    worker.disk?.heal()
    worker.start()
  }

  healServers(): void {
    const { disk, servers } = this.#world
    disk.heal()
    for (const server of servers) {
      server.disk?.heal()
      server.start()
    }
  }

  async #gust(gust: Gust): Promise<void> {
    const { chance, servers, history } = this.#world
    const server = chance.oneOf(servers)
    this.counts[gust] = (this.counts[gust] ?? 0) + 1
    history.note(gust, server.name)
    await this[gust](server)
  }

  async kill(server: SimulatedServer): Promise<void> {
    server.kill()
    await this.#after(2000)
    server.start()
  }

  async powerCut(): Promise<void> {
    const { chance, disk, servers, worker } = this.#world
    for (const server of servers) server.kill('lost power')
    worker.kill()
    disk.cutPower(chance.once(3) ? 'none' : 'some')
    await this.#after(500)
    this.heal()
  }

  async stop(server: SimulatedServer): Promise<void> {
    await server.stop(10_000)
    await this.#after(1000)
    server.start()
  }

  async stall(server: SimulatedServer): Promise<void> {
    const milliseconds = 100 + this.#world.chance.below(6000)
    if (this.#world.chance.once(6)) this.#world.worker.stall(milliseconds)
    else server.stall(milliseconds)
  }

  async clock(server: SimulatedServer): Promise<void> {
    const { chance, worker } = this.#world
    const offsetMs = chance.below(2 * farthestClockMs) - farthestClockMs
    if (chance.once(6)) worker.setClock(offsetMs)
    else server.setClock(chance.once(4) ? 0 : offsetMs)
  }

  async fullDisk(): Promise<void> {
    const { chance, disk } = this.#world
    disk.fill(chance.below(2000))
    await this.#after(3000)
    disk.heal()
  }

  async slowDisk(): Promise<void> {
    const { chance, disk } = this.#world
    disk.slowness = 5 + chance.below(40)
    await this.#after(4000)
    disk.heal()
  }

  async failedSync(server: SimulatedServer): Promise<void> {
    const { chance } = this.#world
    server.disk?.fail('syncData', chance.oneOf(['EIO', 'ENOSPC', 'EDQUOT']), 1 + chance.below(3))
  }

  async failedWrite(server: SimulatedServer): Promise<void> {
    const { chance } = this.#world
    server.disk?.fail('append', chance.oneOf(['EIO', 'ENOSPC']), 1 + chance.below(3))
  }

  async tornWrite(server: SimulatedServer): Promise<void> {
    const { chance } = this.#world
    server.disk?.tear(chance.below(300), chance.once(2) ? 'EIO' : undefined)
  }

  async failedReads(server: SimulatedServer): Promise<void> {
    // While it starts it may not be in want of a pause: no time passes then.
    if (server.isThere) server.disk?.fail('read', 'EIO', 1 + this.#world.chance.below(4))
  }

  async workerKill(): Promise<void> {
    const { worker } = this.#world
    worker.kill()
    await this.#after(2000)
    worker.start()
  }

  async workerFault(): Promise<void> {
    const { chance, worker } = this.#world
    const operation = chance.oneOf(['append', 'syncData', 'rename', 'open', 'syncFolder', 'remove'] as const)
    worker.disk?.fail(operation, 'EIO', 1 + chance.below(2))
  }

  async #after(longestMs: number): Promise<void> {
    await this.#world.time.wait(this.#world.chance.below(longestMs))
  }
}
