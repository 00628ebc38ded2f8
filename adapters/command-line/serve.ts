import { parseArgs } from 'node:util'

const USAGE = `Usage: bincard serve

Starts the service. It is set up by environment variables: PORT and HOST say where it listens, DATA_DIR where it keeps
its ledger; README.md lists them all. It ends on SIGINT or SIGTERM, once what it had accepted is answered.
`

/** Starts the service, which then lives on by itself; an exit code only where nothing was started. */
export async function serveCommand(args: readonly string[]): Promise<number | undefined> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' } },
      strict: true
    })
    if (values.help === true) {
      process.stdout.write(USAGE)
      return 0
    }
  } catch (error) {
    process.stderr.write(`bincard serve: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const { serve } = await import('../../server.ts')
  await serve()
  return undefined
}
