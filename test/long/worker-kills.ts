import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { workerKills } from '../kill/worker-kills.ts'

const usage = `usage: npm run --silent build && npx tsx test/long/worker-kills.ts [--kills 50] [--seed N]
  Kills sync workers (dist/server.js) while a server writes and checks that the central model is what the ledger says.
  Exit code 1 where it is not; the folder of the ledger is then kept.`

function wholeNumber(text: string, name: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  process.stderr.write(`--${name} is ${text}; allowed is a whole number from 1\n${usage}\n`)
  process.exit(2)
}

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' } } })
const kills = wholeNumber(values.kills ?? '50', 'kills')
const seed = wholeNumber(values.seed ?? String(1 + (Date.now() % 1_000_000)), 'seed')

const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-worker-kills-'))
process.stdout.write(`seed ${seed}, ledger in ${dataFolder}\n`)
const server = { arguments: [join(import.meta.dirname, '../../dist/server.js')] }
const onKill = (killed: number): void => void process.stderr.write(`kill ${killed}\n`)
const { faults, ...figures } = await workerKills({ kills, seed, dataFolder, server, onKill })
process.stdout.write(`${JSON.stringify(figures)}\n`)
for (const fault of faults) process.stdout.write(`${fault}\n`)
if (faults.length === 0) await rm(dataFolder, { recursive: true })
else process.exitCode = 1
