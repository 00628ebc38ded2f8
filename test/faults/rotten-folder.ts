import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { below, type Random } from '../../adapters/file-system/seeded-random.ts'
import { commandLineProgram, serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'

/** What was acknowledged, by SKU. */
export type Acknowledged = ReadonlyMap<string, { readonly qty: number; readonly version: number }>

interface Page {
  readonly items: readonly { readonly sku: string; readonly qty: number; readonly version: number }[]
}

const store = '/api/inventory/stores/S1/inventory'
const snapshotEvery = 100
const movementsPerRequest = 60
const newline = 0x0a
const skus = Array.from({ length: 12 }, (_, index) => `K${index}`)

/** A folder of the real service: what is written into it through the service, what rots in it, and what is said of it. */
export class RottenFolder {
  readonly path: string
  readonly #acknowledged = new Map<string, { qty: number; version: number }>()

  constructor(path: string) {
    this.path = path
  }

  get acknowledged(): Acknowledged {
    return this.#acknowledged
  }

  /** Events that were acknowledged. */
  get events(): number {
    return [...this.#acknowledged.values()].reduce((sum, { version }) => sum + version, 0)
  }

  /** The same folder in another place. */
  copy(path: string): RottenFolder {
    const copy = new RottenFolder(path)
    cpSync(this.path, path, { recursive: true })
    for (const [sku, record] of this.#acknowledged) copy.#acknowledged.set(sku, { ...record })
    return copy
  }

  /** The service on it, with the sync worker unless told otherwise. */
  start(role: 'all' | 'api' = 'all'): ServerProcess {
    const environment = {
      ROLE: role,
      SNAPSHOT_EVERY_N_EVENTS: String(snapshotEvery),
      SYNC_INTERVAL_MS: '100'
    }
    return new ServerProcess({
      arguments: [serverProgram],
      environment: { ...serviceEnvironment(this.path), ...environment }
    })
  }

  /** Changes of one unit each, one after the other. */
  async adjust(url: string, changes: number): Promise<void> {
    for (let change = 0; change < changes; change += 1) {
      const sku = skus[change % skus.length] as string
      const answer = await post(`${url}${store}/${sku}/adjust`, { delta: 1 })
      const { newQuantity, newVersion } = answer as { newQuantity: number; newVersion: number }
      this.#acknowledged.set(sku, { qty: newQuantity, version: newVersion })
    }
  }

  /** So many changes that a snapshot is due, many in each unit. */
  async fill(url: string): Promise<void> {
    for (let sent = 0; sent <= snapshotEvery; sent += movementsPerRequest) {
      const movements = Array.from({ length: movementsPerRequest }, (_, index) => {
        const sku = skus[index % skus.length] as string
        return { type: 'adjust', storeId: 'S1', sku, delta: 1 + (index % 5) }
      })
      const answer = await post(`${url}/api/inventory/movements`, { movements })
      for (const result of (answer as { results: Result[] }).results) {
        this.#acknowledged.set(result.sku, { qty: result.newQuantity, version: result.newVersion })
      }
    }
    const newest = (): string | undefined => this.files('snapshots', /\.snapshot$/).at(-1)
    const before = newest()
    await post(`${url}/api/sync`)
    while (newest() === before) await delay(5)
  }

  /** What of the acknowledged the service does not show, in its records, in its feed, and in its central model. */
  async missing(url: string): Promise<string[]> {
    const { items } = (await get(`${url}${store}`)) as Page
    const shown = new Map(items.map((item) => [item.sku, item]))
    const missing: string[] = []
    for (const [sku, { qty, version }] of this.#acknowledged) {
      const found = shown.get(sku)
      if (found?.qty !== qty || found.version !== version) missing.push(`${sku} is ${JSON.stringify(found)}`)
    }
    const { count } = (await get(`${url}/v1/inventory/events?offset=1&limit=1000`)) as { count: number }
    if (count !== this.events) missing.push(`${count} events instead of ${this.events}`)
    return missing
  }

  /** The files in a folder of it, in the order of their names. */
  files(folder: string, pattern = /./): string[] {
    const there = existsSync(join(this.path, folder)) ? readdirSync(join(this.path, folder)) : []
    const names = there.filter((name) => pattern.test(name))
    return names.sort().map((name) => join(this.path, folder, name))
  }

  /** Flips a bit of the file between the two offsets, which end it where they are left out. Returns how to put it right. */
  flip(path: string, random: Random, from = 0, to = Infinity): () => void {
    const whole = readFileSync(path)
    const bytes = Buffer.from(whole)
    const end = Math.min(to, bytes.length)
    let offset = from + below(end - from, random)
    // A frame that lacks nothing but its last newline is a frame (ARCHITECTURE.md).
    while (bytes[offset] === newline) offset = from + below(end - from, random)
    bytes[offset] = (bytes[offset] ?? 0) ^ (1 << below(8, random))
    writeFileSync(path, bytes)
    return () => writeFileSync(path, whole)
  }

  /** What `bincard verify` prints, and its exit code. */
  verify(): { code: number | null; out: string } {
    const { PATH = '' } = process.env
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [commandLineProgram, 'verify', this.path],
      {
        env: { PATH },
        encoding: 'utf8'
      }
    )
    return { code: status, out: stdout + stderr }
  }
}

interface Result {
  readonly sku: string
  readonly newQuantity: number
  readonly newVersion: number
}

/** The answer's body. Rejects where it is no success. */
export async function get(url: string): Promise<unknown> {
  return bodyOf(await fetch(url))
}

async function post(url: string, body?: object): Promise<unknown> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return bodyOf(await fetch(url, { method: 'POST', ...(body !== undefined && json) }))
}

async function bodyOf(answered: Response): Promise<unknown> {
  const text = await answered.text()
  if (!answered.ok) throw new Error(`${answered.status}: ${text}`)
  return JSON.parse(text) as unknown
}
