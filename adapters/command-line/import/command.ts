import { setMaxListeners } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { canBeReadTwice, contentFacts, type ContentFacts } from './content.ts'
import { rehearse } from './dry-run.ts'
import { ImportFailure, ImportStopped, reasonOf, UsageError } from './failures.ts'
import { Mapping } from './mapping.ts'
import { checkNothingBegun, openJournal, openRefused, recall, type Memory } from './memory.ts'
import { importOptions, type ImportOptions } from './options.ts'
import type { Pace } from './pace.ts'
import { progressOn } from './progress.ts'
import { openInput, sendAll, type Input } from './run.ts'
import { type Summary, Tally } from './summary.ts'
import { summaryText } from './summary-text.ts'
import { IMPORT_USAGE } from './usage.ts'

/** The world that a command runs in. */
export interface Surroundings {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: NodeJS.ProcessEnv
  readonly pace: Pace
  /** Aborted when the command is to stop: it finishes what is under way and sends nothing new. */
  readonly stop: AbortSignal
}

const PROGRESS_EVERY_MS = 100

/** Runs `bincard import` and answers with its exit code: 0 all answered, 1 stopped or failed, 2 wrong usage. */
export async function importCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const options = importOptions(args, surroundings.env)
    if (options === 'help') {
      surroundings.stdout.write(IMPORT_USAGE)
      return 0
    }
    return await runImport(options, surroundings)
  } catch (error) {
    surroundings.stderr.write(`bincard import: ${reasonOf(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

async function runImport(options: ImportOptions, surroundings: Surroundings): Promise<number> {
  const facts = (await canBeReadTwice(options.file))
    ? await contentFacts(options.file, surroundings.stop)
    : undefined
  if (
    facts === undefined &&
    options.keyPrefix === undefined &&
    options.name === undefined &&
    !options.mapping.key
  ) {
    throw new UsageError(
      'what cannot be read twice needs --name, --key-prefix or --key, as standard input does'
    )
  }
  if (options.dryRun) return await dryRun(options, facts, surroundings)
  const memory = await recall(options, facts?.hash, surroundings.pace.now())
  if (memory.completed !== undefined) {
    surroundings.stdout.write(`Already imported, nothing was sent.\n${summaryText(memory.completed)}`)
    return await finish(options, memory.completed)
  }
  const mapping = new Mapping(options.mapping, memory.keyPrefix)
  const input = await openInput(options, surroundings.stdin, mapping, facts?.hash, surroundings.stop)
  return await sendInput({ options, facts, memory, mapping, input, surroundings })
}

interface Prepared {
  readonly options: ImportOptions
  readonly facts: ContentFacts | undefined
  readonly memory: Memory
  readonly mapping: Mapping
  readonly input: Input
  readonly surroundings: Surroundings
}

async function sendInput(prepared: Prepared): Promise<number> {
  const { options, facts, memory, input, surroundings } = prepared
  const { pace, stderr, stdout, stop } = surroundings
  const { urls } = options
  if (urls.length === 0) throw new UsageError('--url says where the service is')
  const startedMs = pace.now()
  // Every request that waits to be sent again listens for the stop.
  setMaxListeners(0, stop)
  const tally = new Tally()
  const refused = await openRefused(options, memory, input.columns, (message) => {
    stderr.write(`bincard import: ${message}\n`)
  })
  const journal = await openJournal(options, memory, facts?.hash, startedMs)
  const progress = progressOn(stderr, facts?.lineBreaks ?? 0)
  const ticking = setInterval(() => {
    progress.show(tally.answered)
  }, PROGRESS_EVERY_MS)
  const summaryNow = (state: Summary['state']): Summary =>
    tally.summary({
      state,
      source: sourceName(options),
      url: urlText(options),
      grouped: options.atomic,
      durationMs: pace.now() - startedMs
    })

  let summary: Summary
  let failure: unknown
  try {
    await sendAll({ ...prepared, urls, keyPrefix: memory.keyPrefix, journal, refused, tally, pace, stop })
    summary = summaryNow('completed')
    await journal.completed(summary)
  } catch (error) {
    failure = error
    summary = summaryNow(error instanceof ImportStopped ? 'stopped' : 'failed')
  } finally {
    clearInterval(ticking)
    progress.show(tally.answered)
    progress.end()
    await refused.close()
    await journal.close()
  }
  stdout.write(summaryText(summary))
  if (failure === undefined) return await finish(options, summary)
  const again = options.journalPath === undefined ? '' : '; the same command goes on from here'
  stderr.write(`bincard import: ${reasonOf(failure)}${again}\n`)
  await writeSummary(options, summary)
  return 1
}

async function dryRun(
  options: ImportOptions,
  facts: ContentFacts | undefined,
  surroundings: Surroundings
): Promise<number> {
  await checkNothingBegun(options)
  const { pace, stdin, stdout, stop } = surroundings
  const startedMs = pace.now()
  // The keys of rows play no part but in their check, for which any prefix of the same form will do.
  const mapping = new Mapping(options.mapping, options.keyPrefix ?? 'imp-0000000000000000')
  const input = await openInput(options, stdin, mapping, facts?.hash, stop)
  const tally = new Tally()
  const refused = await openRefused(
    options,
    { keyPrefix: '', earlier: undefined, completed: undefined },
    input.columns,
    () => undefined
  )
  const outlook = await rehearse(input, mapping, refused, tally, stop).finally(async () => {
    await refused.close()
  })
  if (stop.aborted) throw new ImportFailure('stopped')
  const summary = tally.summary({
    state: 'dry run',
    source: sourceName(options),
    url: urlText(options),
    grouped: false,
    durationMs: pace.now() - startedMs,
    outlook
  })
  stdout.write(summaryText(summary))
  return await finish(options, summary)
}

function urlText({ urls }: ImportOptions): string | null {
  return urls.length === 0 ? null : urls.map(({ href }) => href).join(', ')
}

function sourceName(options: ImportOptions): string {
  return options.file === '-' ? 'standard input' : options.file
}

async function finish(options: ImportOptions, summary: Summary): Promise<number> {
  await writeSummary(options, summary)
  return options.failOnRefusal && summary.refused.rows > 0 ? 1 : 0
}

async function writeSummary(options: ImportOptions, summary: Summary): Promise<void> {
  if (options.summaryPath === undefined) return
  await writeFile(options.summaryPath, `${JSON.stringify(summary, null, 2)}\n`).catch((error: unknown) => {
    throw new ImportFailure(`cannot write the summary: ${reasonOf(error)}`)
  })
}
