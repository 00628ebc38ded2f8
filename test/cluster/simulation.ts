import { MemoryFileSystem } from '../../adapters/file-system/memory-file-system.ts'
import { below, seededRandom } from '../../adapters/file-system/seeded-random.ts'
import { openWalLedger } from '../../adapters/wal/open-wal-ledger.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { buildServer } from '../../server.ts'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { ApiClient, type Fetch } from '../kill/api-client.ts'
import { Auditor } from '../kill/auditor.ts'
import { RequestSource, storesUnderLoad } from '../kill/requests.ts'
import { MortalFileSystem } from './mortal-file-system.ts'
import { ObservedOrder } from './observed-order.ts'
import { Tries, type TriesCounts } from './tries.ts'
import { verdict } from './verdict.ts'

export interface SimulationReport extends TriesCounts {
  readonly kills: number
  readonly observed: number
  readonly voidUnits: number
  readonly faults: readonly string[]
}

const longestWait = 4

/** The whole service, which lives on one disk with others and can be killed and started again. */
export class SimulatedProcess {
  static readonly #configuration = {
    ...loadConfiguration({}),
    idempotencyTtlMs: 24 * 60 * 60 * 1000,
    openingStock: undefined
  }
  readonly client: ApiClient
  readonly #name: string
  #fetch: Promise<Fetch> | undefined
  #life:
    | {
        readonly ledger: Ledger
        readonly disk: MortalFileSystem
        readonly killed: Promise<never>
        kill(): void
      }
    | undefined

  constructor(name: string) {
    this.#name = name
    this.client = new ApiClient('http://127.0.0.1', async (url, init) => {
      if (this.#fetch === undefined) throw new Error(`${name} is not there`)
      return (await this.#fetch)(url, init)
    })
  }

  /** Resolves when it can be asked. REQUIRES: it was started. */
  async built(): Promise<void> {
    await (this.#fetch ??= this.#serve())
  }

  get isAlive(): boolean {
    return this.#life !== undefined
  }

  get voidUnits(): number {
    return this.#life?.ledger.health().voidUnits ?? 0
  }

  async start(disk: MemoryFileSystem): Promise<void> {
    const own = new MortalFileSystem(disk)
    const ledger = await openWalLedger({ dataFolder: '/data', fileSystem: own, segmentBytesMax: 20_000 })
    let fail: (reason: Error) => void = () => undefined
    const killed = new Promise<never>((_resolve, reject) => (fail = reject))
    killed.catch(() => undefined)
    this.#life = { ledger, disk: own, killed, kill: () => fail(new Error(`${this.#name} was killed`)) }
  }

  /** As kill -9: nobody who waits for it is answered. */
  kill(): void {
    const life = this.#life
    this.#life = undefined
    life?.disk.kill()
    life?.kill()
  }

  async end(): Promise<void> {
    const life = this.#life
    this.#life = undefined
    await life?.ledger.close()
  }

  async #serve(): Promise<Fetch> {
    const ledger = new Proxy({} as Ledger, {
      get: (_target, name) => {
        const present = this.#life?.ledger
        if (present === undefined) throw new Error(`${this.#name} is not there`)
        const value: unknown = Reflect.get(present, name)
        return typeof value === 'function' ? (value as () => unknown).bind(present) : value
      }
    })
    const { rateLimit } = SimulatedProcess.#configuration
    const limits = { rateLimit: { ...rateLimit, enabled: false }, role: 'api' as const }
    const server = await buildServer({ ...SimulatedProcess.#configuration, ...limits }, { ledger })
    return async (url, { method = 'GET', headers, body } = {}) => {
      const life = this.#life
      if (life === undefined) throw new Error(`${this.#name} is not there`)
      const answered = server.inject({
        method: method as 'GET' | 'POST',
        url: url.replace('http://127.0.0.1', ''),
        headers: headers as Record<string, string>,
        ...(typeof body === 'string' && { payload: body })
      })
      const answer = await Promise.race([answered, life.killed])
      return new Response(answer.payload, {
        status: answer.statusCode,
        headers: answer.headers as Record<string, string>
      })
    }
  }
}

/**
 * Several processes on one disk, clients who ask now one and now another, and kills, all by the seed's chance: the steps of
 * the disk take longer or shorter, so that what the processes do lies now in this and now in that order.
 */
export async function simulate(
  seed: number,
  processes: readonly SimulatedProcess[],
  changes: number
): Promise<SimulationReport> {
  const random = seededRandom(seed)
  const disk = new MemoryFileSystem({ schedule: () => turns(below(longestWait, random)) })
  for (const process of processes) {
    await process.start(disk)
    // What is built for the first time takes other turns of the event loop than the seed has.
    await process.built()
  }
  const auditor = new Auditor(storesUnderLoad)
  const order = new ObservedOrder()
  const tries = new Tries({
    ways: () => processes.filter(({ isAlive }) => isAlive).map(({ client }) => client),
    source: new RequestSource(seed),
    auditor,
    order,
    random,
    pause: () => turns(1)
  })
  let kills = 0
  let voidUnits = 0
  const isOver = (): boolean => tries.counts.answered >= changes
  const killing = async (): Promise<void> => {
    while (!isOver()) {
      await turns(20 + below(200, random))
      const victim = processes[below(processes.length, random)]
      if (victim === undefined || !victim.isAlive) continue
      voidUnits += victim.voidUnits
      victim.kill()
      kills += 1
      await turns(below(50, random))
      await victim.start(disk)
      await tries.readFeed(victim.client)
    }
  }
  await Promise.all([tries.load(6, isOver), killing()])
  const faults = await verdict(
    processes.map(({ client }) => client),
    { auditor, order, tries }
  )
  for (const process of processes) voidUnits += process.voidUnits
  await Promise.all(processes.map((process) => process.end()))
  return { ...tries.counts, kills, observed: order.count, voidUnits, faults }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn <= count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
