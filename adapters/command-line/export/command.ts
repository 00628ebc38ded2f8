import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openWalLedger } from '../../wal/open-wal-ledger.ts'
import { reasonOf } from '../import/failures.ts'
import { eventLines } from './event-lines.ts'
import { exportOptions, type ExportOptions } from './options.ts'
import { stockLines } from './stock-lines.ts'
import { EXPORT_USAGE } from './usage.ts'

/** Writes the stock or the events of a ledger to standard output; the exit code says whether all of it is written. */
export async function exportCommand(args: readonly string[]): Promise<number> {
  let options: ExportOptions | 'help'
  try {
    options = exportOptions(args)
  } catch (error) {
    process.stderr.write(`bincard export: ${reasonOf(error)}\n`)
    return 2
  }
  if (options === 'help') {
    process.stdout.write(EXPORT_USAGE)
    return 0
  }
  try {
    await exportTo(process.stdout, options)
    return 0
  } catch (error) {
    // Whoever reads may have enough, as `head` does.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE')
      process.stderr.write(`bincard export: ${reasonOf(error)}\n`)
    return 1
  }
}

async function exportTo(
  output: NodeJS.WritableStream,
  { what, folder, format, from }: ExportOptions
): Promise<void> {
  await requireLedger(folder)
  const ledger = await openWalLedger({ dataFolder: folder, mustExist: true })
  try {
    const lines =
      what === 'stock' ? stockLines(await ledger.records(Date.now()), format) : eventLines(ledger, from)
    await pipeline(Readable.from(lines), output, { end: false })
  } finally {
    await ledger.close()
  }
}

/** To open one where there is none would begin one. */
async function requireLedger(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (!names.includes('log') && !names.includes('ledger.json')) throw new Error(`${folder} holds no ledger`)
}
