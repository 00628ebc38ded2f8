import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { clusterKills } from '../cluster/cluster-kills.ts'

const usage = `usage: npm run --silent build && npx tsx test/long/cluster-kills.ts [--minutes 5] [--seed N] [--processes 3] [--beside 2]
  Kills processes of the built service at random, a cluster and servers beside it on one folder, while clients write and
  read, and checks what they were told. Exit code 1 where it does not add up; the folder of the ledger is then kept.`

function wholeNumber(text: string, name: string, minimum: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= minimum) return value
  process.stderr.write(`--${name} is ${text}; allowed is a whole number from ${minimum}\n${usage}\n`)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    processes: { type: 'string' },
    beside: { type: 'string' }
  }
})
const minutes = wholeNumber(values.minutes ?? '5', 'minutes', 1)
const seed = wholeNumber(values.seed ?? String(1 + (Date.now() % 1_000_000)), 'seed', 1)
const workerCount = wholeNumber(values.processes ?? '3', 'processes', 2)
const loneServers = wholeNumber(values.beside ?? '2', 'beside', 0)

const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-cluster-kills-'))
process.stdout.write(`seed ${seed}, ledger in ${dataFolder}\n`)
const { faults, ...figures } = await clusterKills({
  seed,
  milliseconds: minutes * 60_000,
  dataFolder,
  workerCount,
  loneServers,
  server: { arguments: [join(import.meta.dirname, '../../dist/server.js')] }
})
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
for (const fault of faults) process.stdout.write(`${fault}\n`)
if (faults.length === 0) await rm(dataFolder, { recursive: true })
else process.exitCode = 1
