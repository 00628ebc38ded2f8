import { Registry } from 'prom-client'
import type { Configuration } from '../configuration/configuration.ts'
import { ScrapeServer, measureProcess, type Scraped } from './scrape-server.ts'

/** The port of this process for Prometheus. */
export interface Scrapes {
  /** For the line at the start: where it is, or why it is not. */
  readonly place: string
  close(): Promise<void>
}

/**
 * Opens the port for Prometheus; where a registry of this process is shown there, the process is measured as well. One that nobody chose may be taken, by another service
 * on the machine for one: it is then done without. Rejects, with one line that names the variable, where somebody chose it.
 */
export async function openScrapes(
  { metrics: { port, host, isAsked } }: Configuration,
  scraped: Scraped,
  onFailure: (error: unknown) => void
): Promise<Scrapes> {
  try {
    const server = await ScrapeServer.open({ port, host }, scraped, onFailure)
    if (scraped instanceof Registry) measureProcess(scraped as Registry)
    return { place: `metrics at ${server.url}`, close: () => server.close() }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (!isAsked) return { place: `no metrics (${message})`, close: () => Promise.resolve() }
    const isHost = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)
    const found = isHost ? `METRICS_HOST is ${JSON.stringify(host)}` : `METRICS_PORT is ${port}`
    throw new Error(`${found}; allowed is what can be listened on (${message})`, { cause: error })
  }
}
