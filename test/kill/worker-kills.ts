import { setTimeout as delay } from 'node:timers/promises'
import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'
import { verify } from '../../adapters/verification/verification.ts'
import { ServerProcess, serviceEnvironment, type ServerCommand } from '../processes/server-process.ts'

export interface WorkerKillsOptions {
  readonly kills: number
  readonly seed: number
  /** A folder that holds no ledger yet. */
  readonly dataFolder: string
  /** How the service is started; with ROLE=worker it is the worker. */
  readonly server: ServerCommand
  readonly onKill?: (kills: number) => void
}

export interface WorkerKillsReport {
  readonly kills: number
  readonly writes: number
  /** Whatever does not add up. */
  readonly faults: readonly string[]
}

const stores = ['S1', 'S2', 'S3']
const skus = Array.from({ length: 40 }, (_, index) => `K${index}`)

/**
 * Kills one of two sync workers with SIGKILL, again and again, while a server writes; in the end the central model must be
 * what the ledger says, in memory and on disk.
 */
export async function workerKills(options: WorkerKillsOptions): Promise<WorkerKillsReport> {
  const { kills, dataFolder, server, onKill } = options
  const random = seededRandom(options.seed)
  const environment = { ...serviceEnvironment(dataFolder), RATE_LIMIT_ENABLED: 'false' }
  const start = (role: string): ServerProcess =>
    new ServerProcess({
      arguments: server.arguments,
      environment: { ...server.environment, ...environment, ROLE: role, SNAPSHOT_EVERY_N_EVENTS: '50' }
    })
  const api = start('api')
  const url = await api.ready
  const workers = [start('worker'), start('worker')]
  const writing = new Writing(url, random)
  const written = writing.run()
  try {
    for (let killed = 1; killed <= kills; killed += 1) {
      await progress(url)
      await delay(below(300, random))
      const index = below(workers.length, random)
      await workers[index]?.end('SIGKILL')
      workers[index] = start('worker')
      onKill?.(killed)
    }
    writing.stop()
    await written
    return { kills, writes: writing.writes, faults: await audit(url, dataFolder) }
  } finally {
    writing.stop()
    await written.catch(() => undefined)
    for (const worker of workers) await worker.end('SIGKILL')
    await api.end('SIGTERM')
  }
}

/** Waits until some worker has come further. */
async function progress(url: string): Promise<void> {
  const sequence = async () => {
    const { data } = (await (await fetch(`${url}/api/sync/status`)).json()) as {
      data: { lastSequence: number }
    }
    return data.lastSequence
  }
  const before = await sequence()
  for (let tries = 0; tries < 1200; tries += 1) {
    if ((await sequence()) > before) return
    await delay(50)
  }
  throw new Error(`no worker has come past event ${before} in a minute`)
}

/** Writes without a pause until it is stopped. */
class Writing {
  writes = 0
  readonly #url: string
  readonly #random: Random
  #isStopped = false

  constructor(url: string, random: Random) {
    this.#url = url
    this.#random = random
  }

  stop(): void {
    this.#isStopped = true
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      const movements = Array.from({ length: 20 }, () => this.#movement())
      const answered = await fetch(`${this.#url}/api/inventory/movements`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ movements })
      })
      if (answered.status !== 200) throw new Error(`${answered.status}: ${await answered.text()}`)
      await answered.arrayBuffer()
      this.writes += movements.length
    }
  }

  #movement(): object {
    const storeId = stores[below(stores.length, this.#random)]
    const sku = skus[below(skus.length, this.#random)]
    return { type: 'adjust', storeId, sku, delta: 1 + below(9, this.#random) }
  }
}

/** What of the central model is not as the ledger says. */
async function audit(url: string, dataFolder: string): Promise<string[]> {
  const faults: string[] = []
  const get = async (path: string) => (await fetch(`${url}${path}`)).json() as Promise<Answer>
  const { data } = (await (await fetch(`${url}/api/sync`, { method: 'POST' })).json()) as {
    data: { sequence: number; deadLettered: number }
  }
  const { items } = await get(`/api/central/inventory?limit=1000&minSequence=${data.sequence}`)
  const totals = new Map(items.map(({ sku, total = 0 }) => [sku, total]))
  const expected = new Map<string, number>()
  for (const storeId of stores) {
    const records = await get(`/api/inventory/stores/${storeId}/inventory?limit=1000`)
    for (const { sku, qty = 0 } of records.items) expected.set(sku, (expected.get(sku) ?? 0) + qty)
  }
  for (const sku of skus) {
    if (totals.get(sku) === expected.get(sku)) continue
    faults.push(`${sku}: the central model says ${totals.get(sku)}, the stores say ${expected.get(sku)}`)
  }
  const { differences, notes } = await verify(dataFolder)
  return [...faults, ...differences, ...notes]
}

interface Answer {
  readonly items: readonly { readonly sku: string; readonly total?: number; readonly qty?: number }[]
}
