import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { verify } from '../verification/verification.ts'
import { ledgerFolder } from './ledger-folder.ts'

const USAGE = `Usage: bincard verify [FOLDER]

Checks the ledger in FOLDER; without FOLDER that of the service, in the folder that LEDGER_URL or DATA_DIR names, or ./data:
every checksum of its log, its snapshots and its central model; every event against those before it; what the ledger, the
snapshots and the central model say of each record, and the first two of each reservation, against what the events say.
It changes nothing, and may be used while servers and workers run.

Exit codes: 0 all fits, 1 there are differences, each in a line, or it could not be checked, 2 wrong usage.
`

/** Checks a folder and prints what does not fit; the exit code says whether anything does not. */
export async function verifyCommand(args: readonly string[]): Promise<number> {
  let folder: string
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true
    })
    if (values.help === true) {
      process.stdout.write(USAGE)
      return 0
    }
    if (positionals.length > 1) throw new Error(`one FOLDER, also got ${JSON.stringify(positionals[1])}`)
    folder = positionals[0] ?? ledgerFolder()
  } catch (error) {
    process.stderr.write(`bincard verify: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  try {
    await stat(folder)
    const { differences, notes, summary } = await verify(folder)
    for (const note of notes) process.stdout.write(`note: ${note}\n`)
    for (const difference of differences) process.stdout.write(`difference: ${difference}\n`)
    const count = differences.length
    const verdict = count === 0 ? 'no difference' : `${count} ${count === 1 ? 'difference' : 'differences'}`
    process.stdout.write(`${summary}: ${verdict}\n`)
    return count === 0 ? 0 : 1
  } catch (error) {
    process.stderr.write(`bincard verify: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}
