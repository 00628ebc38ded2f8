import { parseArgs } from 'node:util'

const USAGE = `Usage: bincard worker [--once] [INTERVAL]

Starts the sync worker, which follows the ledger and keeps the central model, its snapshots and its old events in order,
and writes down which reservations have expired.
INTERVAL is the longest time between two passes in milliseconds, from 100 to 3600000; new events wake it at once. It is
set up by the same environment variables as the service; DATA_DIR names the folder of the ledger. Any number of workers
may run: one makes a pass at a time. It ends on SIGINT or SIGTERM, once the pass that is under way has ended.

  --once    makes one pass, says what it came to, and ends
`

/** Starts the worker, which then lives on by itself, or makes one pass; an exit code where nothing was started. */
export async function workerCommand(args: readonly string[]): Promise<number | undefined> {
  let once: boolean
  let interval: string | undefined
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, once: { type: 'boolean' } },
      allowPositionals: true,
      strict: true
    })
    if (values.help === true) {
      process.stdout.write(USAGE)
      return 0
    }
    once = values.once === true
    interval = positionals[0]
    if (positionals.length > 1) throw new Error(`one INTERVAL, also got ${JSON.stringify(positionals[1])}`)
    if (interval !== undefined) requireInterval(interval)
  } catch (error) {
    process.stderr.write(`bincard worker: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const { work } = await import('../../server.ts')
  await work({
    kind: once ? 'once' : 'work',
    ...(interval !== undefined && { intervalMs: Number(interval) })
  })
  return once ? 0 : undefined
}

function requireInterval(text: string): void {
  const intervalMs = Number(text)
  if (/^[1-9]\d*$/.test(text) && intervalMs >= 100 && intervalMs <= 3_600_000) return
  throw new Error(`INTERVAL is a whole number from 100 to 3600000, got ${JSON.stringify(text)}`)
}
