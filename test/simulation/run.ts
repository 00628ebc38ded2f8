// The simulation from the command line: `npm run simulate`.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { parseArguments, seedMax, usage, type Arguments } from './arguments.ts'
import { simulate } from './simulation.ts'

const shownFaults = 20

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let given: Arguments
  try {
    given = parseArguments(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    return 2
  }
  const seed = given.seed ?? randomInt(seedMax)
  if (given.minutes === undefined) return await one(given, seed)
  return await many(given, seed, given.minutes)
}

/** One seed, in this process. */
async function one({ steps, servers, history }: Arguments, seed: number): Promise<number> {
  process.stdout.write(`seed ${seed}, ${steps} steps, ${servers} servers\n`)
  const file = history === undefined ? undefined : createWriteStream(history)
  const report = await simulate({
    seed,
    steps,
    serverCount: servers,
    ...(file !== undefined && { onLine: (line: string) => void file.write(`${line}\n`) })
  })
  if (file !== undefined) await finished(file.end())
  const counts = Object.entries(report.counts).map(([name, count]) => `${name} ${String(count)}`)
  process.stdout.write(`${counts.join(', ')}\nhistory ${report.history}\n`)
  if (report.faults.length === 0) {
    process.stdout.write('everything adds up\n')
    return 0
  }
  for (const fault of report.faults.slice(0, shownFaults)) process.stdout.write(`${fault}\n`)
  const again = `npm run simulate -- --seed ${seed} --steps ${steps} --servers ${servers}`
  process.stdout.write(`${report.faults.length} things do not add up; again: ${again}\n`)
  return 1
}

/** One seed after the other, each in a new process, so that each can be run again as it was; ends at the first bad one. */
async function many({ steps, servers }: Arguments, first: number, minutes: number): Promise<number> {
  const endAt = Date.now() + minutes * 60_000
  for (let seed = first; Date.now() < endAt; seed = seed === seedMax ? 0 : seed + 1) {
    const program = [...process.execArgv, import.meta.filename]
    const args = ['--seed', String(seed), '--steps', String(steps), '--servers', String(servers)]
    const child = spawn(process.execPath, [...program, ...args], { stdio: 'inherit' })
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (exitCode) => resolve(exitCode ?? 1))
    })
    if (code !== 0) return code
  }
  return 0
}
