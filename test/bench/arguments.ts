import { parseArgs } from 'node:util'
import { defaultFolder } from './programs.ts'

export const measurements = [
  'adjust',
  'key',
  'record',
  'batch',
  'updates',
  'processes',
  'observation',
  'latency',
  'followers',
  'overload',
  'recovery',
  'feed',
  'memory',
  'snapshot-boot',
  'snapshot-write'
] as const
export type Measurement = (typeof measurements)[number]

export interface Arguments {
  readonly only: ReadonlySet<Measurement>
  readonly seconds: number
  readonly folder: string
}

export const usage = `usage: npm run bench -- [--only ${measurements.join(',')}] [--seconds 5] [--folder FOLDER]
  --only     the measurements to take, all if left out
  --seconds  the length of each round, 1 to 600
  --folder   where the ledgers are made (and removed): the disk that is measured`

/** Throws a TypeError that says what is wrong with the arguments. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, seconds: { type: 'string' }, folder: { type: 'string' } }
  })
  const seconds = Number(values.seconds ?? '5')
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 600) {
    throw new TypeError(`--seconds is ${values.seconds}; allowed is a whole number from 1 to 600`)
  }
  const only = values.only?.split(',') ?? measurements
  return { only: new Set(only.map(measurementOf)), seconds, folder: values.folder ?? defaultFolder }
}

function measurementOf(name: string): Measurement {
  const known = measurements.find((measurement) => measurement === name)
  if (known !== undefined) return known
  throw new TypeError(`--only names ${name}; allowed are ${measurements.join(', ')}`)
}
