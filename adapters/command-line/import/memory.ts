import { ImportFailure, UsageError } from './failures.ts'
import { checkSameImport, identityOf, keyPrefixOf } from './identity.ts'
import { FileJournal, NoJournal, type Journal } from './journal.ts'
import { type EarlierRun, readJournal } from './journal-reading.ts'
import type { ImportOptions } from './options.ts'
import { RefusedRows } from './refused-rows.ts'
import type { Summary } from './summary.ts'

/** What an import remembers of itself: whether it has run before, and under which keys. */
export interface Memory {
  readonly keyPrefix: string
  readonly earlier: EarlierRun | undefined
  /** The summary of an import that has nothing left to do. */
  readonly completed: Summary | undefined
}

/** Throws an ImportFailure when the journal is damaged or of another import. */
export async function recall(
  options: ImportOptions,
  contentHash: string | undefined,
  nowMs: number
): Promise<Memory> {
  const { journalPath } = options
  if (journalPath === undefined || options.restart) {
    const restartedAtMs = options.restart ? nowMs : undefined
    return {
      keyPrefix: keyPrefixOf(options, contentHash, restartedAtMs),
      earlier: undefined,
      completed: undefined
    }
  }
  const earlier = await readJournal(journalPath)
  if (earlier === undefined) {
    return { keyPrefix: keyPrefixOf(options, contentHash, undefined), earlier, completed: undefined }
  }
  checkSameImport(journalPath, earlier.header.identity, identityOf(options, contentHash))
  return { keyPrefix: earlier.header.keyPrefix, earlier, completed: earlier.completed }
}

/** Throws a UsageError when a dry run would write over the refused rows of an import that has begun. */
export async function checkNothingBegun(options: ImportOptions): Promise<void> {
  if (options.journalPath === undefined) return
  const earlier = await readJournal(options.journalPath)
  if (earlier?.refusedBytes === undefined) return
  throw new UsageError(
    `an import with the journal ${options.journalPath} has begun: ` +
      'give the dry run a --refused file of its own and --no-journal'
  )
}

/** Opens the journal for this run, beginning or going on. */
export async function openJournal(
  options: ImportOptions,
  memory: Memory,
  contentHash: string | undefined,
  nowMs: number
): Promise<Journal> {
  const { journalPath } = options
  if (journalPath === undefined) return new NoJournal()
  const holdsKeys = options.mapping.key !== undefined
  if (memory.earlier !== undefined) return await FileJournal.goOn(journalPath, memory.earlier, holdsKeys)
  const header = {
    journal: 'bincard import 1',
    at: new Date(nowMs).toISOString(),
    keyPrefix: memory.keyPrefix,
    identity: identityOf(options, contentHash)
  } as const
  return await FileJournal.begin(journalPath, header, holdsKeys)
}

/** Opens the file of refused rows where the journal says that it stood; `warn` is told when it is not what it was. */
export async function openRefused(
  options: ImportOptions,
  memory: Memory,
  columns: readonly string[],
  warn: (message: string) => void
): Promise<RefusedRows> {
  const bytes = memory.earlier?.refusedBytes
  const { refusedPath } = options
  if (bytes !== undefined) {
    const kept = await RefusedRows.goOn(refusedPath, columns, bytes)
    if (kept !== undefined) return kept
    warn(`${refusedPath} is not as the earlier run left it: it now gets the rows refused from here on`)
  }
  return await RefusedRows.begin(refusedPath, columns).catch((error: unknown) => {
    throw new ImportFailure(`cannot write ${refusedPath}: ${String(error)}`)
  })
}
