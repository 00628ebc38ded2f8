import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'

export const metricsTopic = 'metrics'

/** The instruments of a process, or of several together, as they go from one process to another. */
export type MetricFigures = MetricObjectWithValues<MetricValue<string>>[]

/** What a process asks the primary: the figures of all, or to set its named counters back to zero. */
export type MetricsQuestion =
  { readonly kind: 'read' } | { readonly kind: 'reset'; readonly totals: Readonly<Record<string, number>> }

/** Asks whoever knows what all processes of a cluster have counted. */
export type AskCluster = (question: MetricsQuestion) => Promise<unknown>

/** The figures of all processes, and what the named counters stood at when they were last set back to zero. */
export interface ClusterFigures {
  readonly figures: MetricFigures
  readonly baseline: Readonly<Record<string, number>>
}

/**
 * What all processes of a cluster have counted together. What a process that is gone had counted stays in the sum, as far
 * as it was read before: a counter that went back would look like a restart.
 */
export class MetricsDesk {
  readonly #gather: () => Promise<ReadonlyMap<number, unknown>>
  readonly #newest = new Map<number, MetricFigures>()
  #past: MetricFigures = []
  #baseline: Readonly<Record<string, number>> = {}

  constructor(gather: () => Promise<ReadonlyMap<number, unknown>>) {
    this.#gather = gather
  }

  async answer(question: unknown): Promise<unknown> {
    const asked = question as MetricsQuestion
    if (asked.kind === 'reset') {
      this.#baseline = asked.totals
      return undefined
    }
    const registry = await this.aggregated()
    return { figures: await registry.getMetricsAsJSON(), baseline: this.#baseline } satisfies ClusterFigures
  }

  async aggregated(): Promise<Registry> {
    const found = (await this.#gather()) as ReadonlyMap<number, MetricFigures | undefined>
    // One that is late stands where it was last read.
    for (const [name, figures] of found) if (figures !== undefined) this.#newest.set(name, figures)
    for (const [name, figures] of [...this.#newest]) {
      if (found.has(name)) continue
      this.#newest.delete(name)
      const counted = figures.filter(({ type }) => isCounted(String(type)))
      const past = AggregatorRegistry.aggregate([this.#past, counted])
      this.#past = await past.getMetricsAsJSON()
    }
    return AggregatorRegistry.aggregate([this.#past, ...this.#newest.values()])
  }
}

function isCounted(type: string): boolean {
  return type === 'counter' || type === 'histogram'
}
