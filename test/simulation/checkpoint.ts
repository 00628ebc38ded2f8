import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { verify } from '../../adapters/verification/verification.ts'
import type { CentralStock, StoreStock } from '../../domain/central-model.ts'
import type { StockPage } from '../../plugins/schemas/stock.ts'
import { nameOf } from './asked.ts'
import type { SimulatedDisk } from './disk.ts'
import { readFeed, type FollowersWorld } from './followers.ts'
import { NoReplyError } from './messages.ts'
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
    const { auditor, time } = this.#world
    const began = time.now
    while (!(await this.#readToEnd())) {
      if (time.now - began > longestWaitMs) throw new Error('no server reads the feed to its end')
      await time.wait(50)
    }
    this.#read = auditor.feed.count
    auditor.check()
  }

  /** At any server; false where that one came to an end, or failed, in the middle of it. */
  async #readToEnd(): Promise<boolean> {
    const server = this.#world.chance.oneOf(await this.#working(1))
    try {
      await readFeed(server, this.#read + 1, this.#world)
      return true
    } catch (error) {
      if (error instanceof NoReplyError) return false
      throw error
    }
  }

  /** At the end everybody is asked, everything is stopped, the power is cut, and all must be there again. */
  async end(): Promise<void> {
    const { auditor, servers, disk, worker, time } = this.#world
    await this.#compareModel()
    // From now on nothing changes by itself.
    await worker.stop(60_000)
    for (const server of await this.#working(servers.length)) {
      await readFeed(server, Math.max(1, auditor.feed.count - 100), this.#world)
      auditor.check()
      await this.#compareRecords(server)
    }
    for (const server of servers) await server.stop(60_000)
    disk.cutPower('none')
    const [again] = servers
    if (again === undefined) return
    again.start()
    while (!again.isThere) await time.wait(50)
    await readFeed(again, Math.max(1, auditor.feed.count - 100), this.#world)
    await this.#compareRecords(again)
    await again.stop(60_000)
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
      weather.healServers()
      const ready: SimulatedServer[] = []
      for (const server of servers) if (await this.#isReady(server)) ready.push(server)
      if (ready.length >= count) return ready
      if (time.now - began > longestWaitMs)
        throw new Error(`${ready.length} servers are ready, and nothing is broken`)
      await time.wait(100)
    }
  }

  async #isReady(server: SimulatedServer): Promise<boolean> {
    if (!server.isThere) return false
    const url = '/api/health/readiness'
    const reply = await server
      .ask({ method: 'GET', url, headers: {}, client: '127.0.0.9' })
      .catch(() => undefined)
    return reply?.status === 200
  }

  /** What each store holds, as the events have made it. */
  async #compareRecords(server: SimulatedServer): Promise<void> {
    const found = new Map<string, string>()
    for (const storeId of [...stores, centralStore]) {
      const url = `${storePath(storeId)}?limit=1000`
      const reply = await server.ask({ method: 'GET', url, headers: {}, client: '127.0.0.8' })
      if (reply.status !== 200) throw new Error(`${url} got ${reply.status} ${reply.body}`)
      for (const { sku, version, qty, reserved } of (JSON.parse(reply.body) as StockPage).items) {
        found.set(nameOf({ storeId, sku }), JSON.stringify([version, qty + reserved]))
      }
    }
    this.#compare(`${server.name} shows`, found)
  }

  async #compareModel(): Promise<void> {
    const { auditor } = this.#world
    const before = new Map(auditor.feed.records.map(({ target, newest }) => [nameOf(target), newest.version]))
    const model = new Map<string, StoreStock>()
    for (const { sku, stores: inStores } of await this.#centralModel()) {
      for (const [storeId, stock] of inStores) model.set(nameOf({ storeId, sku }), stock)
    }
    // The pass itself may have written down what had expired.
    const [server] = await this.#working(1)
    if (server !== undefined) await readFeed(server, auditor.feed.count + 1, this.#world)
    for (const record of auditor.feed.records) {
      const { target, newest } = record
      const stock = model.get(nameOf(target))
      const expected = stock && record.at(stock.version)
      const isThere = stock !== undefined || !newest.exists
      const isSame = stock?.qty === expected?.qty && stock?.reserved === expected?.reserved
      if (isThere && isSame && (stock?.version ?? Infinity) >= (before.get(nameOf(target)) ?? 0)) continue
      auditor.fault(
        `the central model has ${nameOf(target)} as ${JSON.stringify(stock)}, not ${JSON.stringify(newest)}`
      )
    }
  }

  async #centralModel(): Promise<readonly CentralStock[]> {
    const { worker, time, weather } = this.#world
    const began = time.now
    for (;;) {
      weather.heal()
      try {
        return await worker.centralModel()
      } catch (error) {
        if (time.now - began > longestWaitMs) throw error
        await time.wait(200)
      }
    }
  }

  #compare(who: string, found: ReadonlyMap<string, string>): void {
    const { auditor } = this.#world
    for (const { target, newest } of auditor.feed.records) {
      const name = nameOf(target)
      const expected = newest.exists
        ? JSON.stringify([newest.version, newest.qty + newest.reserved])
        : undefined
      if (found.get(name) !== expected) {
        auditor.fault(`${who} ${name} as ${found.get(name)}, and its events make it ${expected}`)
      }
    }
  }
}
