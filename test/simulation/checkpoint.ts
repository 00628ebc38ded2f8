import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { verify } from '../../adapters/verification/verification.ts'
import type { StockPage } from '../../plugins/schemas/stock.ts'
import type { SimulatedDisk } from './disk.ts'
import { readFeed, type FollowersWorld } from './followers.ts'
import { storePath } from './request-forms.ts'
import { centralStore, stores } from './request-source.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { SimulatedWorker } from './simulated-worker.ts'
import type { Weather } from './weather.ts'

export interface CheckpointWorld extends FollowersWorld {
  readonly worker: SimulatedWorker
  readonly disk: SimulatedDisk
  readonly weather: Weather
}

const longestWaitMs = 5 * 60_000
const dataFolder = '/simulation/data'

/** When nobody asks for anything: all that was told so far is compared with all that is there, by whatever server. */
export class Checkpoint {
  readonly #world: CheckpointWorld
  #read = 0

  constructor(world: CheckpointWorld) {
    this.#world = world
  }

  async pass(): Promise<void> {
    const { auditor, chance } = this.#world
    const server = chance.oneOf(await this.#working(1))
    await readFeed(server, this.#read + 1, this.#world)
    this.#read = auditor.feed.count
    auditor.check()
  }

  /** At the end everybody is asked, everything is stopped, and then the power is cut. */
  async end(): Promise<void> {
    const { auditor, servers, disk, worker } = this.#world
    for (const server of await this.#working(servers.length)) {
      await readFeed(server, Math.max(1, auditor.feed.count - 100), this.#world)
      auditor.check()
      await this.#compareRecords(server)
    }
    await this.#compareModel()
    for (const server of servers) await server.stop(60_000)
    await worker.stop(60_000)
    disk.cutPower('none')
  }

  /** As `bincard verify` does it, which reads real files: what does not fit. REQUIRES: everything was stopped. */
  async verify(): Promise<readonly string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'bincard-simulation-'))
    try {
      for (const [name, bytes] of this.#world.disk.files(dataFolder)) {
        await mkdir(dirname(join(folder, name)), { recursive: true })
        await writeFile(join(folder, name), bytes)
      }
      return (await verify(folder)).differences
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  /** At least so many servers, healthy and able to write. */
  async #working(count: number): Promise<SimulatedServer[]> {
    const { time, servers, weather } = this.#world
    const began = time.now
    for (;;) {
      weather.heal()
      const ready: SimulatedServer[] = []
      for (const server of servers) if (await this.#isReady(server)) ready.push(server)
      if (ready.length >= count) return ready
      if (time.now - began > longestWaitMs) throw new Error(`${ready.length} servers are ready, and nothing is broken`)
      await time.wait(100)
    }
  }

  async #isReady(server: SimulatedServer): Promise<boolean> {
    if (!server.isThere) return false
    const url = '/api/health/readiness'
    const reply = await server.ask({ method: 'GET', url, headers: {}, client: '127.0.0.9' }).catch(() => undefined)
    return reply?.status === 200
  }

  /** What each store holds, as the events have made it. */
  async #compareRecords(server: SimulatedServer): Promise<void> {
    const { auditor } = this.#world
    const found = new Map<string, string>()
    for (const storeId of [...stores, centralStore]) {
      const url = `${storePath(storeId)}?limit=1000`
      const reply = await server.ask({ method: 'GET', url, headers: {}, client: '127.0.0.8' })
      if (reply.status !== 200) throw new Error(`${url} got ${reply.status} ${reply.body}`)
      for (const { sku, version, qty, reserved } of (JSON.parse(reply.body) as StockPage).items) {
        found.set(JSON.stringify([storeId, sku]), JSON.stringify([version, qty + reserved]))
      }
    }
    this.#compare(`${server.name} shows`, found)
  }

  async #compareModel(): Promise<void> {
    const { worker, time } = this.#world
    const began = time.now
    while (!worker.isThere) {
      if (time.now - began > longestWaitMs) throw new Error('the worker does not start, and nothing is broken')
      await time.wait(100)
    }
    const found = new Map<string, string>()
    for (const { sku, stores: bySku } of await worker.centralModel()) {
      for (const [storeId, { version, qty, reserved }] of bySku) {
        found.set(JSON.stringify([storeId, sku]), JSON.stringify([version, qty + reserved]))
      }
    }
    this.#compare('the central model has', found)
  }

  #compare(who: string, found: ReadonlyMap<string, string>): void {
    const { auditor } = this.#world
    for (const { target, newest } of auditor.feed.records) {
      const name = JSON.stringify([target.storeId, target.sku])
      const expected = newest.exists ? JSON.stringify([newest.version, newest.qty + newest.reserved]) : undefined
      if (found.get(name) !== expected) {
        auditor.fault(`${who} ${name} as ${found.get(name)}, and its events make it ${expected}`)
      }
    }
  }
}
