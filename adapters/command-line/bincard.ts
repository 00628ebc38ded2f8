#!/usr/bin/env node
import { exportCommand } from './export/command.ts'
import { importCommand } from './import/command.ts'
import { realPace } from './import/pace.ts'
import { rebuildCommand } from './rebuild.ts'
import { serveCommand } from './serve.ts'
import { verifyCommand } from './verify.ts'
import { workerCommand } from './worker.ts'

const USAGE = `Usage: bincard COMMAND [options]

  serve     start the service
  worker    start the sync worker, which keeps the central model
  import    send the rows of a CSV or NDJSON file to a running service
  export    write the stock or the events of a ledger to standard output
  verify    check the ledger, its snapshots and the central model, and change nothing
  rebuild   make the central model anew

bincard COMMAND --help says more. Exit codes: 0 done, 1 stopped or failed, 2 wrong usage.
`

async function run(args: readonly string[]): Promise<number | undefined> {
  const [command, ...rest] = args
  if (command === 'serve') return await serveCommand(rest)
  if (command === 'worker') return await workerCommand(rest)
  if (command === 'export') return await exportCommand(rest)
  if (command === 'verify') return await verifyCommand(rest)
  if (command === 'rebuild') return await rebuildCommand(rest)
  if (command === 'import') {
    const { stdin, stdout, stderr, env } = process
    return await importCommand(rest, { stdin, stdout, stderr, env, stop: stopSignal(), pace: realPace })
  }
  if (command === '--help' || command === '-h') {
    process.stdout.write(USAGE)
    return 0
  }
  const problem = command === undefined ? 'name a command' : `there is no command ${JSON.stringify(command)}`
  process.stderr.write(`bincard: ${problem}\n\n${USAGE}`)
  return 2
}

/** Aborted by the first SIGINT or SIGTERM; the second one ends the process as it always does. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const onSignal = (): void => {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
    process.stderr.write('bincard: stopping once what was sent is answered\n')
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return stop.signal
}

const code = await run(process.argv.slice(2))
if (code !== undefined) {
  process.exitCode = code
  // Standard input that is no longer read would keep the process alive.
  process.stdin.destroy()
}
