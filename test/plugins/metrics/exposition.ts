/** One series of a scrape. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y
const suffixes = /_(?:bucket|sum|count)$/

/**
 * The families of a scrape in Prometheus' text format, by name. Throws where a line is none of that format, a series has
 * no family or is there twice, a value is no number, or the buckets of a histogram do not fit its count.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>()
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line)
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment
      const family = families.get(name) ?? { type: '', help: '', samples: [] }
      families.set(name, kind === 'HELP' ? { ...family, help: rest } : { ...family, type: rest })
      continue
    }
    if (seen.has(line.replace(/ \S+$/, ''))) throw new Error(`twice: ${line}`)
    seen.add(line.replace(/ \S+$/, ''))
    const sample = parseSample(line)
    const family = families.get(sample.name) ?? families.get(sample.name.replace(suffixes, ''))
    if (family === undefined) throw new Error(`without a family: ${line}`)
    family.samples.push(sample)
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family)
  return families
}

/** The sum of the values of a family's series that have these labels; of a histogram, of what it has counted. */
export function valueOf(families: ReadonlyMap<string, Family>, name: string, labels = {}): number {
  const family = families.get(name)
  if (family === undefined) throw new Error(`there is no ${name}`)
  const counted = family.type === 'histogram' ? `${name}_count` : name
  return family.samples
    .filter((sample) => sample.name === counted)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

function parseSample(line: string): Sample {
  const match = sampleLine.exec(line)
  if (match === null) throw new Error(`not a sample: ${line}`)
  const [, name = '', text = '', number = ''] = match
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  while (labelPair.lastIndex < text.length) {
    const pair = labelPair.exec(text)
    if (pair === null) throw new Error(`not labels: ${line}`)
    labels[pair[1] ?? ''] = pair[2] ?? ''
    if (labelPair.lastIndex === 0) break
  }
  const value = number === '+Inf' ? Infinity : Number(number)
  // What Node says of the delay of its loop before it has measured any.
  if (Number.isNaN(value) && !/^nan$/i.test(number)) throw new Error(`not a number: ${line}`)
  return { name, labels, value }
}

function checkHistogram(name: string, { samples }: Family): void {
  const before = new Map<string, number>()
  for (const { name: part, labels, value } of samples) {
    const { le, ...series } = labels
    const key = JSON.stringify(series)
    if (part === `${name}_bucket`) {
      if (value < (before.get(key) ?? 0))
        throw new Error(`${name}: bucket ${le} has less than the one before`)
      before.set(key, value)
    }
    if (part === `${name}_count` && before.get(key) !== value)
      throw new Error(`${name}: buckets and count differ`)
  }
}
