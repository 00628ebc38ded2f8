import { Type } from '@sinclair/typebox'
import { checkPluginOptions, optionError } from '../errors/plugin-options.ts'
import type { Counter, Registry } from 'prom-client'
import type { AskCluster } from './metrics-desk.ts'

const plugin = 'bincard-metrics'

/** Where a named counter is kept: an instrument, or those of its series that have these labels. */
export interface CounterSource {
  readonly counter: Counter
  readonly labels?: Readonly<Record<string, string>>
}

/** Where Prometheus asks. */
export interface ScrapeAddress {
  /** 0 lets the system choose. */
  readonly port: number
  readonly host: string
}

export interface MetricsOptions {
  /** What the instruments are put into; a registry of the plugin's own where it is left out. */
  readonly registry?: Registry | undefined
  /** Goes before the names of the instruments for requests. */
  readonly prefix?: string | undefined
  /** Counters with names of their own, for `count` and `counters`, beside `requests` and `errors`. */
  readonly counters?: Readonly<Record<string, CounterSource>> | undefined
  /** Asks for what all processes of a cluster have counted together, where there are several. */
  readonly cluster?: AskCluster | undefined
  /** Where a scrape is answered, from the time at which the application listens; nowhere where it is left out. */
  readonly scrape?: ScrapeAddress | undefined
}

const Options = Type.Object(
  {
    registry: Type.Optional(Type.Unknown()),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$',
        description: 'must be the beginning of a metric name: letters, digits and underscores'
      })
    ),
    counters: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({
          counter: Type.Unknown(),
          labels: Type.Optional(Type.Record(Type.String(), Type.String()))
        })
      )
    ),
    cluster: Type.Optional(Type.Unknown()),
    scrape: Type.Optional(
      Type.Object(
        {
          port: Type.Integer({ minimum: 0, maximum: 65_535, description: 'must be a port' }),
          host: Type.String({ minLength: 1, description: 'must be an address' })
        },
        { additionalProperties: false }
      )
    )
  },
  { additionalProperties: false }
)

/** Throws a TypeError that names the first option that does not fit. */
export function checkOptions(options: MetricsOptions): void {
  checkPluginOptions(plugin, Options, options)
  // One of another copy of prom-client is as good.
  const isRegistry = typeof options.registry?.registerMetric === 'function'
  if (options.registry !== undefined && !isRegistry)
    throw optionError(plugin, 'registry', 'must be one of prom-client')
}
