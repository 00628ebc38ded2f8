import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NodeFileSystem } from '../../../adapters/file-system/node-file-system.ts'
import { openWalLedger } from '../../../adapters/wal/open-wal-ledger.ts'
import { AnswerAudit } from './answer-audit.ts'
import { feed } from './asking.ts'
import { LogAudit } from './log-audit.ts'
import { Witness, type AnswerSeen, type RecordsSeen } from './witness.ts'
import { openingStock, type Workload } from './workload.ts'
import type { WriterMessage, WriterTask } from './writer-process.ts'

const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url))
/** The parent looks after one answer in so many whether it sees it too. */
const lookEvery = 25

export interface Run {
  readonly workload: Workload
  readonly unitsPerWriter: number
  readonly segmentBytesMax: number
  /** Kills the first writer with -9 once it has told of so many answers. */
  readonly killAfter?: number
}

export interface RunFigures {
  readonly answers: number
  readonly events: number
  readonly voidUnits: number
  readonly tornLines: number
  /** Answers a second of both writers together. */
  readonly rate: number
  readonly wasKilled: boolean
}

/**
 * Two processes write to one folder, and a third ledger reads along; afterwards all that was told is compared with the
 * log. Throws where anything is wrong.
 */
export async function runTwoProcesses(run: Run): Promise<RunFigures> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bincard-two-processes-'))
  const { workload, unitsPerWriter: end, segmentBytesMax } = run
  const reader = await openWalLedger({ dataFolder, segmentBytesMax })
  try {
    const opening = new Witness([reader])
    await opening.execute(reader, openingStock(workload))
    const answers: AnswerSeen[] = [...opening.answers]
    const reads: RecordsSeen[] = []
    const looks: Promise<void>[] = []

    const take = (message: WriterMessage): void => {
      if ('read' in message) reads.push(message.read)
      if (!('answer' in message)) return
      answers.push(message.answer)
      if (answers.length % lookEvery === 0) looks.push(look(message.answer.to))
    }
    const look = async (sequence: number): Promise<void> => {
      const { length } = await reader.read(sequence, 1)
      if (length === 0) throw new Error(`event ${sequence} was answered for, and a reader does not see it`)
    }
    const writers = [0, 1].map((writer) =>
      startWriter({ dataFolder, segmentBytesMax, workload, writer, end }, take)
    )
    await Promise.all(writers.map(({ ready }) => ready))
    const start = performance.now()
    const [first] = writers
    if (run.killAfter !== undefined && first !== undefined) killAfter(first.process, run.killAfter)
    for (const { process } of writers) process.send('start')
    const exits = await Promise.all(writers.map(({ done }) => done))
    const seconds = (performance.now() - start) / 1000
    await Promise.all(looks)

    const wasKilled = exits[0] === 'SIGKILL'
    if (exits[1] !== 0 || !(wasKilled || exits[0] === 0))
      throw new Error(`the writers ended with ${exits.join()}`)
    const { log, voidUnits } = await verify(dataFolder, { answers, reads }, wasKilled)
    const { tornLines } = log
    const rate = Math.round(answers.length / seconds)
    return { answers: answers.length, events: log.events.length, voidUnits, tornLines, rate, wasKilled }
  } finally {
    await reader.close()
    await rm(dataFolder, { recursive: true, force: true })
  }
}

/** Opens the folder afresh, and compares what it serves with the log and the log with what was told. */
async function verify(
  dataFolder: string,
  told: { answers: AnswerSeen[]; reads: RecordsSeen[] },
  wasKilled: boolean
): Promise<{ log: LogAudit; voidUnits: number }> {
  const fresh = await openWalLedger({ dataFolder })
  const served = await feed(fresh)
  const { voidUnits } = fresh.health()
  await fresh.close()
  const log = await LogAudit.of(new NodeFileSystem(), dataFolder)
  log.requireFeed(served)
  if (voidUnits !== log.voidUnits.length)
    throw new Error(`${voidUnits} of ${log.voidUnits.length} void units`)
  if (log.tornLines > 0 && !wasKilled)
    throw new Error(`${log.tornLines} torn frames, though nobody was killed`)
  new AnswerAudit(log).check(told, wasKilled)
  return { log, voidUnits }
}

interface Writer {
  readonly process: ChildProcess
  readonly ready: Promise<unknown>
  /** The exit code or signal, once everything that was told has been heard. */
  readonly done: Promise<number | string | null>
}

function startWriter(task: WriterTask, take: (message: WriterMessage) => void): Writer {
  // Without what the test runner has its own processes load.
  const env = { PATH: process.env['PATH'] }
  const child = fork(program, [JSON.stringify(task)], { env, execArgv: ['--import', 'tsx'] })
  const ready = Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('a writer ended before it was ready')
    })
  ])
  child.on('message', take)
  const done = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(
    ([[code, signal]]) => (signal ?? code) as number | string | null
  )
  return { process: child, ready, done }
}

function killAfter(process: ChildProcess, answers: number): void {
  let left = answers
  process.on('message', (message: WriterMessage) => {
    if ('answer' in message) left -= 1
    if (left === 0) process.kill('SIGKILL')
  })
}
