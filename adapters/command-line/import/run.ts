import type { Readable } from 'node:stream'
import { createHash } from 'node:crypto'
import { Addresses } from './addresses.ts'
import { Answers } from './answers.ts'
import { sendBatch } from './batches.ts'
import { Client } from './client.ts'
import { textOf } from './content.ts'
import { Doubt } from './doubt.ts'
import { ImportFailure, ImportStopped } from './failures.ts'
import { Groups, sendGroups } from './groups.ts'
import type { Journal } from './journal.ts'
import { Lanes } from './lanes.ts'
import type { Item, Mapping } from './mapping.ts'
import type { ImportOptions } from './options.ts'
import type { Pace } from './pace.ts'
import { Persistence } from './persistence.ts'
import type { RefusedRows } from './refused-rows.ts'
import { openRows, type RowSource } from './rows.ts'
import type { Sending } from './sending.ts'
import type { Tally } from './summary.ts'

/** The rows of the input, and a check once they are all read. */
export interface Input extends RowSource {
  /** Throws an ImportFailure when the content was not what `contentHash` promised. */
  checkUnchanged(): void
}

/** Opens the input; throws a UsageError when it lacks a column that the mapping reads. */
export async function openInput(
  options: ImportOptions,
  stdin: Readable,
  mapping: Mapping,
  contentHash: string | undefined,
  stop: AbortSignal
): Promise<Input> {
  const hash = createHash('sha256')
  const text = textOf(options.file, stdin, stop, (bytes) => hash.update(bytes))
  const source = await openRows(text, options.format, mapping.columns)
  return {
    ...source,
    checkUnchanged: () => {
      if (contentHash !== undefined && hash.digest('hex') !== contentHash) {
        throw new ImportFailure(`${options.file} changed while it was imported`)
      }
    }
  }
}

export interface Run {
  readonly options: ImportOptions
  readonly urls: readonly URL[]
  readonly keyPrefix: string
  readonly mapping: Mapping
  readonly input: Input
  readonly journal: Journal
  readonly refused: RefusedRows
  readonly tally: Tally
  readonly pace: Pace
  readonly stop: AbortSignal
}

/** Sends every row that has no answer yet. Rejects with the first failure, or ImportStopped when it was stopped. */
export async function sendAll(run: Run): Promise<void> {
  const sending = sendingOf(run)
  if (run.options.atomic) await sendGrouped(run, sending)
  else await sendSingly(run, sending)
  if (run.stop.aborted) throw new ImportStopped('stopped')
  run.input.checkUnchanged()
}

async function sendSingly(run: Run, sending: Sending): Promise<void> {
  const { batchSize, concurrency } = run.options
  const lanes = new Lanes(concurrency, batchSize, async (items) => {
    await sendBatch(sending, items)
  })
  try {
    for await (const row of run.input.rows) {
      if (run.stop.aborted || lanes.hasFailed) break
      const item = newItem(run, run.mapping.read(row))
      const full = item === undefined ? undefined : lanes.put(item)
      if (full !== undefined) await full
    }
  } catch (error) {
    await lanes.stop().catch(() => undefined)
    throw error
  }
  await (run.stop.aborted ? lanes.stop() : finishUnlessStopped(lanes, run.stop))
}

/** What waits at the end of the input is sent, until the import is stopped. */
async function finishUnlessStopped(lanes: Lanes, stop: AbortSignal): Promise<void> {
  const onStop = (): void => {
    void lanes.stop().catch(() => undefined)
  }
  stop.addEventListener('abort', onStop)
  try {
    await lanes.finish()
  } finally {
    stop.removeEventListener('abort', onStop)
  }
}

async function sendGrouped(run: Run, sending: Sending): Promise<void> {
  const groups = new Groups()
  for await (const row of run.input.rows) {
    if (run.stop.aborted) return
    run.tally.read()
    groups.add(run.mapping.read(row))
  }
  const open = groups.all.filter((group) => {
    const outcomes = group.items.map((item) => countEarlier(run, item))
    const [outcome] = outcomes
    if (outcome !== undefined) run.tally.group(outcome)
    return outcome === undefined
  })
  await sendGroups(sending, open, run.options.concurrency, run.stop)
}

/** The item, unless an earlier run has its answer, which is then counted. */
function newItem(run: Run, item: Item): Item | undefined {
  run.tally.read()
  return countEarlier(run, item) === undefined ? item : undefined
}

function countEarlier(run: Run, item: Item) {
  const state = run.journal.state(item.row)
  if (state.is === 'unsent' || state.is === 'in doubt') return undefined
  const outcome =
    state.is === 'applied'
      ? ({ is: 'applied', replayed: run.journal.wasReplayed(item.row) } as const)
      : ({ is: 'refused', code: state.code, message: '' } as const)
  run.tally.answer(item, outcome, true)
  return outcome
}

function sendingOf(run: Run): Sending {
  const { options, journal, pace } = run
  const client = new Client(new Addresses(run.urls, pace), options.apiKey, pace)
  const persistence = (): Persistence => new Persistence(pace, options.retries, run.stop)
  return {
    client,
    journal,
    pace,
    persistence,
    answers: new Answers(journal, run.refused, run.tally),
    doubt: new Doubt(client, persistence, rowOfKey(run))
  }
}

function rowOfKey({ options, keyPrefix, journal }: Run): (key: string) => number | undefined {
  if (options.mapping.key !== undefined) return (key) => journal.rowOfKey(key)
  return (key) => {
    const row = key.startsWith(`${keyPrefix}-`) ? key.slice(keyPrefix.length + 1) : ''
    return /^[1-9]\d{0,15}$/.test(row) ? Number(row) : undefined
  }
}
