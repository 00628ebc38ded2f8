import { parseArgs } from 'node:util'

const USAGE = `Usage: bincard rebuild

Throws the central model away and makes it anew from the log, or from a snapshot where the log no longer goes back to its
beginning. Dead letters are tried again: those whose events take effect are gone. The ledger itself is not touched.
DATA_DIR names the folder. It is safe while servers and workers run: they go on from the new model.
`

/** Makes the central model anew, and says what it came to. */
export async function rebuildCommand(args: readonly string[]): Promise<number> {
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
    process.stderr.write(`bincard rebuild: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const { work } = await import('../../server.ts')
  await work({ kind: 'rebuild' })
  return 0
}
