import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'
import { commandLineProgram, serverProgram } from '../processes/programs.ts'
import { ServerProcess, serviceEnvironment } from '../processes/server-process.ts'
import { EXPECTATIONS } from './retail-expectations.ts'
import { differences, figuresOf, importArguments, movementFlags } from './retail-import.ts'
import { openingStock, pairsIn, print, summaryIn } from './retail-import.ts'
import { quantitiesAt } from './served-stock.ts'

const USAGE = `usage: npm run --silent build && npx tsx test/long/killed-import.ts PATH/online-retail.csv.gz
         [--mode rows|invoices] [--opening 1000] [--seed N] [--between 6]
  Imports a year of real invoices through three servers on one folder, while these, and the import itself, are killed in
  turn with SIGKILL and started again, so many seconds after the one before at most, and compares what is read back with
  known figures, and the ledger with itself. Exit code 1 where something differs; the folder is then kept.
`

/** Three servers on one folder, each on a port that it keeps. The last one has the sync worker. */
class Servers {
  readonly #folder: string
  readonly #processes: ServerProcess[] = []
  readonly #urls: string[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  get urls(): readonly string[] {
    return this.#urls
  }

  async start(): Promise<void> {
    for (const index of [0, 1, 2]) {
      const server = this.#spawn(index, '0')
      this.#processes.push(server)
      this.#urls.push(await server.ready)
    }
  }

  /** Kills the server and resolves when it serves again. */
  async kill(index: number, pauseMs: number): Promise<void> {
    await this.#processes[index]?.end('SIGKILL')
    await delay(pauseMs)
    const server = this.#spawn(index, new URL(this.#urls[index] ?? '').port)
    this.#processes[index] = server
    await server.ready
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    // The one with the worker last, so that its last pass sees all.
    for (const server of this.#processes) await server.end(signal)
  }

  #spawn(index: number, port: string): ServerProcess {
    return new ServerProcess({
      arguments: [serverProgram],
      environment: {
        ...serviceEnvironment(this.#folder),
        PORT: port,
        ROLE: index === 2 ? 'all' : 'api',
        METRICS_PORT: '0',
        LOG_LEVEL: 'error'
      }
    })
  }
}

interface Kills {
  /** The longest time between two of them. */
  readonly betweenMs: number
  readonly random: Random
  readonly servers: number[]
  imports: number
}

/** Runs the command until it has ended by itself, and kills it or a server every few seconds until then. */
async function underKills(args: readonly string[], servers: Servers, kills: Kills) {
  const { random, betweenMs } = kills
  const urls = servers.urls.flatMap((url) => ['--url', url])
  let command: ChildProcess | undefined
  const run = async (): Promise<void> => {
    for (;;) {
      command = spawn(process.execPath, [commandLineProgram, ...args, ...urls], {
        stdio: ['ignore', 'ignore', 'inherit']
      })
      const [code, signal] = (await once(command, 'exit')) as [number | null, NodeJS.Signals | null]
      if (code === 0) return
      if (signal !== 'SIGKILL') throw new Error(`bincard import ended with ${code ?? signal}`)
    }
  }
  const over = new AbortController()
  const killing = (async () => {
    for (let turn = 0; !over.signal.aborted; turn = (turn + 1) % 4) {
      await delay(1000 + below(betweenMs - 1000, random), undefined, { signal: over.signal }).catch(
        () => undefined
      )
      if (over.signal.aborted) return
      if (turn < 3) {
        kills.servers[turn] = (kills.servers[turn] ?? 0) + 1
        await servers.kill(turn, below(500, random))
      } else if (command?.kill('SIGKILL') === true) kills.imports += 1
    }
  })()
  await Promise.race([run(), killing.then(() => new Promise<never>(() => undefined))]).finally(() =>
    over.abort()
  )
  await killing
}

async function verified(folder: string): Promise<boolean> {
  const child = spawn(process.execPath, [commandLineProgram, 'verify', folder], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}

const { values, positionals } = parseArgs({
  options: {
    mode: { type: 'string' },
    opening: { type: 'string' },
    seed: { type: 'string' },
    between: { type: 'string' }
  },
  allowPositionals: true
})
const [data] = positionals
const { mode = 'rows', opening = '1000', seed = String(1 + (Date.now() % 1_000_000)), between = '6' } = values
const expectation = EXPECTATIONS.find((one) => one.mode === mode && String(one.opening) === opening)
if (
  data === undefined ||
  expectation === undefined ||
  !/^\d{1,9}$/.test(seed) ||
  !/^([2-9]|[1-9]\d{1,3})$/.test(between)
) {
  process.stderr.write(USAGE)
  process.exit(2)
}

const folder = await mkdtemp(join(tmpdir(), 'bincard-killed-import-'))
const ledger = join(folder, 'ledger')
print(`seed ${seed}, opening ${opening}, by ${mode}, in ${folder}`)
const pairs = await pairsIn(data)
const servers = new Servers(ledger)
const kills: Kills = {
  betweenMs: Number(between) * 1000,
  random: seededRandom(Number(seed)),
  servers: [0, 0, 0],
  imports: 0
}
let wrong = 0
try {
  await servers.start()
  const startedAt = performance.now()
  if (expectation.opening > 0) {
    const stock = await openingStock(folder, pairs, expectation.opening)
    await underKills(importArguments(folder, stock.file, stock.flags), servers, kills)
  }
  await underKills(importArguments(folder, data, movementFlags(expectation.mode)), servers, kills)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const summary = await summaryIn(folder)
  print(`  ${seconds} s, kills of servers ${kills.servers.join(' + ')}, of the import ${kills.imports}`)
  print(`  ${summary.answeredEarlier} rows answered in earlier runs, ${summary.replayed} found applied`)
  const stores = new Set(pairs.map(([store]) => store))
  for (const url of servers.urls) {
    print(`  as ${url} tells it:`)
    wrong += differences(expectation.figures, figuresOf(summary, pairs, await quantitiesAt(url, stores)))
  }
  await servers.end('SIGTERM')
  if (!(await verified(ledger))) wrong += 1
} finally {
  await servers.end('SIGKILL')
}
print(wrong === 0 ? 'all as expected' : `${wrong} things differ`)
if (wrong === 0) await rm(folder, { recursive: true })
else process.exitCode = 1
