import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')

export type Pair = readonly [storeId: string, sku: string]

/** The built service in a process of its own, its ledger in `folder`, without limits of requests. */
export class ServedStock {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#process = child
  }

  static async start(folder: string): Promise<ServedStock> {
    const child = spawn(process.execPath, [join(ROOT, 'dist/server.js')], {
      env: {
        ...process.env,
        PORT: '0',
        DATA_DIR: folder,
        DATA_PATH: '',
        LOG_LEVEL: 'warn',
        RATE_LIMIT_ENABLED: 'false'
      },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\/\/[^\s,]+/.exec(line)?.[0]
      if (url !== undefined) return new ServedStock(url, child)
    }
    throw new Error('the service ended before it listened')
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }
}

/** Every record of the stores, read page by page through the API. */
export async function quantitiesAt(service: string, stores: Iterable<string>): Promise<Map<string, number>> {
  const quantities = new Map<string, number>()
  for (const storeId of stores) {
    let cursor: string | undefined
    do {
      const url = new URL(`/api/inventory/stores/${encodeURIComponent(storeId)}/inventory`, service)
      url.search = new URLSearchParams({
        limit: '1000',
        ...(cursor === undefined ? {} : { cursor })
      }).toString()
      const page = (await (await fetch(url)).json()) as {
        readonly items: readonly { readonly sku: string; readonly qty: number }[]
        readonly nextCursor?: string
      }
      for (const { sku, qty } of page.items) quantities.set(`${storeId}\t${sku}`, qty)
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }
  return quantities
}

/** Runs the built command line; resolves with its exit code. */
export async function bincard(args: readonly string[]): Promise<number> {
  const command = join(ROOT, 'dist/adapters/command-line/bincard.js')
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

/** One line per pair, ordered by the bytes of its parts, SHA-256 in hex; a pair without a record counts as 0. */
export function tableHash(pairs: readonly Pair[], quantities: ReadonlyMap<string, number>): string {
  const inOrder = [...pairs].sort(
    ([storeA, skuA], [storeB, skuB]) =>
      Buffer.compare(Buffer.from(storeA), Buffer.from(storeB)) ||
      Buffer.compare(Buffer.from(skuA), Buffer.from(skuB))
  )
  const hash = createHash('sha256')
  for (const [storeId, sku] of inOrder) {
    const name = `${storeId}\t${sku}`
    hash.update(`${name}\t${quantities.get(name) ?? 0}\n`)
  }
  return hash.digest('hex')
}
