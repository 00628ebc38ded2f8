import { parseArgs } from 'node:util'

export interface Arguments {
  /** Undefined where one is to be drawn. */
  readonly seed: number | undefined
  readonly steps: number
  readonly servers: number
  /** Seeds one after the other, until so many minutes are over; one alone where it is left out. */
  readonly minutes: number | undefined
  /** The file that all that happens is written to. */
  readonly history: string | undefined
}

export const seedMax = 2 ** 31 - 1
const stepsMax = 1_000_000
const minutesMax = 10_000
const serversMax = 10

export const usage = `usage: npm run simulate -- [--seed N] [--steps 2000] [--servers 3] [--minutes M] [--history FILE]
  --seed     what decides everything that happens, 0 to ${seedMax}; one is drawn and printed if left out
  --steps    things that the clients do, 1 to ${stepsMax}
  --servers  1 to ${serversMax}
  --minutes  goes on with the next seed, each in a process of its own, until so many minutes are over, 1 to ${minutesMax}
  --history  a file that every answer and every fault is written to, a line each; of one seed only
  Exit code 0 where all adds up, 1 where it does not, 2 for other arguments.`

/** Throws a TypeError that says what is wrong with the arguments. */
export function parseArguments(args: readonly string[]): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { seed: text, steps: text, servers: text, minutes: text, history: text }
  })
  const number = (name: 'seed' | 'steps' | 'servers' | 'minutes', least: number, most: number) => {
    const given = values[name]
    return given === undefined ? undefined : wholeNumber(name, given, least, most)
  }
  const minutes = number('minutes', 1, minutesMax)
  if (minutes !== undefined && values.history !== undefined) {
    throw new TypeError('--history is of one seed, and --minutes of many; allowed is one of the two')
  }
  return {
    seed: number('seed', 0, seedMax),
    steps: number('steps', 1, stepsMax) ?? 2000,
    servers: number('servers', 1, serversMax) ?? 3,
    minutes,
    history: values.history
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new TypeError(`--${name} is ${text}; allowed is a whole number from ${least} to ${most}`)
}
