import type { FastifyInstance, MetricCounters } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Registry } from 'prom-client'

import { NamedCounters, type CounterName } from './counters.ts'
import { checkOptions, type MetricsOptions, type ScrapeAddress } from './options.ts'
import { RequestInstruments } from './request-instruments.ts'
import { measureProcess, ScrapeServer } from './scrape-server.ts'
import { watchFigure, type Read, type WatchedFigure } from './watched-figures.ts'

export type { CounterName } from './counters.ts'
export type { CounterSource, MetricsOptions, ScrapeAddress } from './options.ts'
export type { Read, Reading, WatchedFigure } from './watched-figures.ts'

export interface Metrics {
  /** All instruments; those of the application go in here too. */
  readonly registry: Registry
  /** Where a scrape is answered; undefined where it is not. */
  readonly url: string | undefined
  /** Counts `by` more, 1 where it is left out. Throws a RangeError for a counter that there is not. */
  count(name: CounterName, by?: number): void
  /** All named counters, since the start or the last reset. */
  counters(): Promise<MetricCounters>
  /** Sets the named counters back to zero; a scrape goes on from where it was. */
  reset(): Promise<void>
  /** Shows a figure that is read at each scrape; it is left out of one where `read` throws. */
  watch(figure: WatchedFigure, read: Read): void
  /** Answers scrapes from now on, where there is an option for it. Rejects where the port cannot be had. */
  listen(): Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly metrics: Metrics
  }

  /** The named counters; an application declares those of its options here. */
  interface MetricCounters {
    readonly requests: number
    /** Answers with a status of 400 and above. */
    readonly errors: number
    /** Answers with 429. */
    readonly rateLimited: number
  }
}

async function metrics(fastify: FastifyInstance, options: MetricsOptions): Promise<void> {
  checkOptions(options)
  const { registry = new Registry(), prefix = '', counters = {}, cluster, scrape } = options
  const instruments = new RequestInstruments(registry, prefix)
  const own = {
    requests: { counter: instruments.requests },
    errors: { counter: instruments.errors },
    rateLimited: { counter: instruments.violations }
  }
  const named = new NamedCounters({ ...own, ...counters }, cluster)
  let server: ScrapeServer | undefined
  let opening: Promise<void> | undefined
  const open = async (address: ScrapeAddress): Promise<void> => {
    server = await ScrapeServer.open(address, registry, (error) =>
      fastify.log.error({ err: error }, 'a scrape could not be answered')
    )
    measureProcess(registry)
  }
  const listen = async (): Promise<void> => {
    if (scrape !== undefined) await (opening ??= open(scrape))
  }

  fastify.decorate('metrics', {
    registry,
    get url() {
      return server?.url
    },
    count: (name, by = 1) => named.count(name, by),
    counters: () => named.values(),
    reset: () => named.reset(),
    watch: (figure, read) =>
      watchFigure(registry, figure, read, (error) =>
        fastify.log.warn({ err: error, metric: figure.name }, 'a figure could not be read')
      ),
    listen
  })
  fastify.addHook('onRoute', (route) => {
    route.onResponse = [route.onResponse ?? [], instruments.hookOf(route.url)].flat()
  })
  fastify.addHook('onResponse', instruments.hookOfUnknown())
  fastify.addHook('onListen', async () =>
    listen().catch((error: unknown) => fastify.log.warn({ err: error }, 'metrics cannot be scraped'))
  )
  fastify.addHook('onClose', async () => server?.close())
}

/** Counts and times the requests to every route below it, and shows that and other figures to Prometheus. */
export default fastifyPlugin(metrics, { name: 'bincard-metrics', fastify: '5.x' })
