import type { MetricCounters } from 'fastify'
import type { CounterSource } from './options.ts'

export type CounterName = keyof MetricCounters

/**
 * Counters with names of their own, read from the instruments that a scrape shows. They can be set back to zero, which
 * Prometheus must not see: what is set back is only from where they count.
 */
export class NamedCounters {
  readonly #sources: ReadonlyMap<string, CounterSource>
  #baseline: ReadonlyMap<string, number> = new Map()

  constructor(sources: Readonly<Record<string, CounterSource>>) {
    this.#sources = new Map(Object.entries(sources))
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
    const totals = await this.#totals()
    const counted = [...totals].map(([name, total]) => [name, total - (this.#baseline.get(name) ?? 0)])
    return Object.fromEntries(counted) as MetricCounters
  }

  async reset(): Promise<void> {
    this.#baseline = await this.#totals()
  }

  async #totals(): Promise<ReadonlyMap<string, number>> {
    const totals = new Map<string, number>()
    for (const [name, source] of this.#sources) totals.set(name, await totalOf(source))
    return totals
  }
}

async function totalOf({ counter, labels = {} }: CounterSource): Promise<number> {
  const wanted = Object.entries(labels)
  const { values } = await counter.get()
  const ours = values.filter((series) => wanted.every(([name, value]) => series.labels[name] === value))
  return ours.reduce((sum, { value }) => sum + value, 0)
}
