import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, type Registry } from 'prom-client'
import type { ScrapeAddress } from './options.ts'

/** What a scrape server shows: a registry, or what stands for several. */
export interface Scraped {
  readonly contentType: string
  metrics(): Promise<string>
}

/** A port of its own on which Prometheus is answered: `GET /metrics`. It has no keys; the address is its protection. */
export class ScrapeServer {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** Rejects where the port or the address cannot be had. `onFailure` is told of a scrape that could not be answered. */
  static async open(
    { port, host }: ScrapeAddress,
    scraped: Scraped,
    onFailure: (error: unknown) => void
  ): Promise<ScrapeServer> {
    const server = createServer((request, response) => void answer(request, response, scraped, onFailure))
    server.requestTimeout = 10_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    server.on('error', onFailure)
    return new ScrapeServer(server)
  }

  /** Where it is asked. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}

const measuredRegistries = new WeakSet<Registry>()

/** Adds what Node knows of its process: memory, processor, garbage collection, delay of the event loop. Once for each. */
export function measureProcess(registry: Registry): void {
  if (measuredRegistries.has(registry)) return
  measuredRegistries.add(registry)
  collectDefaultMetrics({ register: registry })
}

async function answer(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  scraped: Scraped,
  onFailure: (error: unknown) => void
): Promise<void> {
  const [path] = url.split('?', 1)
  if (path !== '/metrics') return end(response, 404, 'Metrics are at /metrics\n')
  if (method !== 'GET' && method !== 'HEAD')
    return end(response, 405, 'Ask with GET\n', { allow: 'GET, HEAD' })
  try {
    const text = await scraped.metrics()
    end(response, 200, text, { 'content-type': scraped.contentType })
  } catch (error) {
    onFailure(error)
    end(response, 500, 'The metrics could not be read\n')
  }
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {}
): void {
  const contentType = { 'content-type': 'text/plain; charset=utf-8' }
  response
    .writeHead(status, { ...contentType, ...headers, 'content-length': Buffer.byteLength(text) })
    .end(text)
}
