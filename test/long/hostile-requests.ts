import { parseArgs } from 'node:util'
import { hostilities, sendHostileRequests } from '../hostile/hostile-requests.ts'
import { operationsOf } from '../hostile/operations.ts'
import { Tally } from '../hostile/tally.ts'

const usage = `usage: npx tsx test/long/hostile-requests.ts [--requests 1000000] [--seed N] [--path P]
  Sends requests of all kinds, valid and not, to every operation of the served OpenAPI document, and checks each answer
  and what it changed. Prints the answers by operation, kind of request and status. Exit code 1 at the first fault.
  An interrupt ends it with the seed that is under way.`

const trialsAtOnce = 8
const requestsPerTrial = 6000
/** From here on every status that the document has must have been answered. */
const enough = 100_000

function wholeNumber(text: string, name: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  process.stderr.write(`--${name} is ${text}; allowed is a whole number from 1\n${usage}\n`)
  process.exit(2)
}

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { requests: text, seed: text, path: text } })
const { path } = values
const requests = wholeNumber(values.requests ?? '1000000', 'requests')
const first = wholeNumber(values.seed ?? String(1 + (Date.now() % 1_000_000)), 'seed')

const started = performance.now()
const tally = new Tally()
const made = await hostilities()
process.stdout.write(`seed ${first}\n`)
let isOver = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isOver = true))
for (let seed = first; tally.total < requests && !isOver; seed++) {
  const fault = await sendHostileRequests(made, { seed, path, trials: trialsAtOnce, requestsPerTrial, tally })
  const rate = Math.round(tally.total / ((performance.now() - started) / 1000))
  process.stderr.write(`seed ${seed}: ${tally.total} answers, ${rate} a second\n`)
  // A path is one case of one seed.
  isOver ||= path !== undefined
  if (fault === undefined) continue
  process.stdout.write(`${fault.text}\n--seed ${seed} --path ${fault.path} brings it back\n`)
  process.exitCode = 1
  isOver = true
}
process.stdout.write(`${tally.lines()}\n`)

const missing = tally.missing(operationsOf(made.document))
if (missing.length > 0) process.stdout.write(`never answered: ${missing.join(', ')}\n`)
if (missing.length > 0 && tally.total >= enough) process.exitCode = 1
