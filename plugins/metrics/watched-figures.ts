import { Gauge, type Aggregator, type Registry } from 'prom-client'

/** A figure that is looked up when somebody scrapes. */
export interface WatchedFigure {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  /** How the figures of several processes become one; the sum where it is left out. */
  readonly aggregator?: Aggregator
}

/** The labels of a figure, none for one that is alone, and its value. */
export type Reading = readonly [labels: Readonly<Record<string, string>>, value: number]

export type Read = () => Iterable<Reading> | Promise<Iterable<Reading>>

/** Shows a figure that is read at each scrape; where that fails it is left out of the scrape, and `onFailure` told. */
export function watchFigure(
  registry: Registry,
  { name, help, labelNames = [], aggregator = 'sum' }: WatchedFigure,
  read: Read,
  onFailure: (error: unknown) => void
): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    aggregator,
    registers: [registry],
    async collect() {
      const readings = await readingsOf(read).catch((error: unknown) => {
        onFailure(error)
        return []
      })
      this.reset()
      // Without labels there would be a zero now, which nobody has read.
      if (labelNames.length === 0) this.remove()
      for (const [labels, value] of readings) this.set(labels, value)
    }
  })
}

async function readingsOf(read: Read): Promise<readonly Reading[]> {
  return [...(await read())]
}
