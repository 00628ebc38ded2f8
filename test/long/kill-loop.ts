import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killLoop, type KillLoopReport } from '../kill/kill-loop.ts'

const usage = `usage: npm run --silent build && npx tsx test/long/kill-loop.ts [--kills 50] [--seed N]
  Kills the built service (dist/server.js) under load and checks that every acknowledged change is there once.
  Exit code 1 where it is not; the folder of the ledger is then kept.`

function wholeNumber(text: string, name: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  process.stderr.write(`--${name} is ${text}; allowed is a whole number from 1\n${usage}\n`)
  process.exit(2)
}

function progress({ kills, changes, retried, faults }: KillLoopReport): void {
  const state = `${changes} changes, ${retried} requests retried, ${faults.length} faults`
  process.stderr.write(`kill ${kills}: ${state}\n`)
}

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' } } })
const kills = wholeNumber(values.kills ?? '50', 'kills')
const seed = wholeNumber(values.seed ?? String(1 + (Date.now() % 1_000_000)), 'seed')

const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-kill-loop-'))
process.stdout.write(`seed ${seed}, ledger in ${dataFolder}\n`)
const server = { arguments: [join(import.meta.dirname, '../../dist/server.js')] }
const { faults, ...figures } = await killLoop({ kills, seed, dataFolder, server, onKill: progress })
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
for (const fault of faults) process.stdout.write(`${fault}\n`)
if (faults.length === 0) await rm(dataFolder, { recursive: true })
else process.exitCode = 1
