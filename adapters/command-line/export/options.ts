import { parseArgs } from 'node:util'
import { ledgerFolder } from '../ledger-folder.ts'

export interface ExportOptions {
  readonly what: 'stock' | 'events'
  readonly folder: string
  readonly format: 'csv' | 'ndjson'
  /** The first event; the oldest that is kept where none is named. */
  readonly from: number | undefined
}

/** What is asked for on the command line. Throws an Error that names what is wrong with it. */
export function exportOptions(args: readonly string[]): ExportOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      format: { type: 'string' },
      from: { type: 'string' }
    },
    allowPositionals: true,
    strict: true
  })
  if (values.help === true) return 'help'
  const [what, folder, more] = positionals
  if (what !== 'stock' && what !== 'events') {
    throw new Error(
      `name what to export, stock or events${what === undefined ? '' : `, got ${JSON.stringify(what)}`}`
    )
  }
  if (more !== undefined) throw new Error(`one FOLDER, also got ${JSON.stringify(more)}`)
  if (what === 'events' && values.format !== undefined) throw new Error('--format goes with stock only')
  if (what === 'stock' && values.from !== undefined) throw new Error('--from goes with events only')
  const { format = 'csv', from } = values
  if (format !== 'csv' && format !== 'ndjson') {
    throw new Error(`--format is csv or ndjson, got ${JSON.stringify(format)}`)
  }
  return {
    what,
    folder: folder ?? ledgerFolder(),
    format,
    from: from === undefined ? undefined : offsetOf(from)
  }
}

function offsetOf(text: string): number {
  const offset = Number(text)
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(offset)) return offset
  throw new Error(`--from is the offset of an event, from 1 on, got ${JSON.stringify(text)}`)
}
