import type { MetricCounters } from 'fastify'
import type { AskCluster, ClusterFigures } from './metrics-desk.ts'
import type { CounterSource } from './options.ts'

export type CounterName = keyof MetricCounters

/**
 * Counters with names of their own, read from the instruments that a scrape shows. They can be set back to zero, which
 * Prometheus must not see: what is set back is only from where they count.
 */
export class NamedCounters {
  readonly #sources: ReadonlyMap<string, CounterSource>
  readonly #cluster: AskCluster | undefined
  #baseline: Readonly<Record<string, number>> = {}

  /** `cluster` asks for what all processes have counted together, where there are several. */
  constructor(sources: Readonly<Record<string, CounterSource>>, cluster?: AskCluster) {
    this.#sources = new Map(Object.entries(sources))
    this.#cluster = cluster
  }

  /** Counts `by` more. Throws a RangeError for a counter that there is not. */
  count(name: string, by: number): void {
    const source = this.#sources.get(name)
    if (source === undefined) throw new RangeError(`bincard-metrics: there is no counter ${name}`)
    if (source.labels === undefined) source.counter.inc(by)
    else source.counter.inc(source.labels, by)
  }

  /** What was counted since the start or the last reset. */
  async values(): Promise<MetricCounters> {
    const { totals, baseline } = await this.#read()
    const counted = Object.entries(totals).map(([name, total]) => [name, total - (baseline[name] ?? 0)])
    return Object.fromEntries(counted) as MetricCounters
  }

  async reset(): Promise<void> {
    const { totals } = await this.#read()
    if (this.#cluster === undefined) this.#baseline = totals
    else await this.#cluster({ kind: 'reset', totals })
  }

  async #read(): Promise<{ totals: Record<string, number>; baseline: Readonly<Record<string, number>> }> {
    const together = (await this.#cluster?.({ kind: 'read' })) as ClusterFigures | undefined
    const totals: Record<string, number> = {}
    for (const [name, source] of this.#sources) {
      const figures = together?.figures.find((metric) => metric.name === nameOf(source))
      const { values } = together === undefined ? await source.counter.get() : (figures ?? { values: [] })
      totals[name] = totalOf(values, source)
    }
    return { totals, baseline: together?.baseline ?? this.#baseline }
  }
}

function nameOf({ counter }: CounterSource): string {
  return (counter as unknown as { readonly name: string }).name
}

interface Series {
  readonly labels: Partial<Record<string, string | number>>
  readonly value: number
}

function totalOf(values: readonly Series[], { labels = {} }: CounterSource): number {
  const wanted = Object.entries(labels)
  const ours = values.filter((series) => wanted.every(([name, value]) => series.labels[name] === value))
  return ours.reduce((sum, { value }) => sum + value, 0)
}
