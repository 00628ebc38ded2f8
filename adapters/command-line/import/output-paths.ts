import { resolve } from 'node:path'
import { UsageError } from './failures.ts'
import { text } from './option-values.ts'

export interface OutputPaths {
  readonly refusedPath: string
  /** Undefined when no journal is kept. */
  readonly journalPath: string | undefined
  readonly summaryPath: string | undefined
}

interface PathFlags {
  readonly refused?: string | undefined
  readonly journal?: string | undefined
  readonly 'no-journal'?: boolean | undefined
  readonly 'summary-json'?: string | undefined
}

/** Where an import of `file` writes: beside the file, for standard input in the current folder. */
export function outputPaths(file: string, flags: PathFlags): OutputPaths {
  if (flags.journal !== undefined && flags['no-journal'] === true) {
    throw new UsageError('--journal and --no-journal cannot go together')
  }
  const base = file === '-' ? 'import' : file
  return {
    refusedPath: text('--refused', flags.refused) ?? `${base}.refused.csv`,
    journalPath:
      flags['no-journal'] === true
        ? undefined
        : (text('--journal', flags.journal) ?? `${base}.journal.ndjson`),
    summaryPath: text('--summary-json', flags['summary-json'])
  }
}

/** Throws when two of the files that an import reads and writes are the same: one would destroy the other. */
export function checkPathsDiffer(paths: OutputPaths & { readonly file: string }): void {
  const used = new Map<string, string>()
  const named = [
    ['FILE', paths.file === '-' ? undefined : paths.file],
    ['--refused', paths.refusedPath],
    ['--journal', paths.journalPath],
    ['--summary-json', paths.summaryPath]
  ] as const
  for (const [flag, path] of named) {
    if (path === undefined) continue
    const other = used.get(resolve(path))
    if (other !== undefined) throw new UsageError(`${flag} and ${other} are the same file: ${path}`)
    used.set(resolve(path), flag)
  }
}
