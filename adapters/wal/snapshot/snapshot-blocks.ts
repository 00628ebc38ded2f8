import type { BookParts } from '../../../domain/book.ts'
import type { AnswerPart } from '../../../domain/answer-memory.ts'
import type { EndedReservation } from '../../../domain/ended-reservations.ts'
import type { PackedNumbers } from '../../../domain/packed-numbers.ts'
import type { RecordColumns, RowDetails } from '../../../domain/record-columns.ts'
import type { ChainPart } from '../../../domain/sequence-chain.ts'
import type { IndexPart } from '../event-index.ts'
import type { CapturedPosition } from '../log-position.ts'
import type { CapturedLog, ReplayCapture, ReplayParts } from '../replay-capture.ts'
import type { Block, ReadBlock } from './block.ts'
import { UnusableSnapshotError } from './snapshot-reader.ts'

const ENDED_PER_BLOCK = 4096

interface BookFacts {
  readonly sequence: number
  readonly oldestSequence: number
  readonly recordCount: number
  readonly answerCount: number
  readonly logTime: number
  /** None in snapshots of older versions, which have none of these reservations. */
  readonly endedCount?: number
}

type LogFacts = Omit<CapturedLog, 'position'> & {
  readonly segment: number
  readonly offset: number
  readonly chain: number
  readonly count: number
}

type RecordFacts = Pick<RecordColumns, 'runs' | 'writers'>

/** What a capture holds, in blocks that are made one by one. */
export function* blocksOf({ book, index, log }: ReplayCapture): Generator<Block> {
  const { sequence, oldestSequence, recordCount, answers, ended } = book
  const counts = { recordCount, answerCount: answers.count, endedCount: ended.length }
  const bookFacts: BookFacts = { sequence, oldestSequence, ...counts, logTime: answers.logTime }
  yield { kind: 'book', facts: bookFacts }
  yield logBlock(log)
  for (const columns of book.records) yield recordsBlock(columns)
  for (const part of answers.parts) yield { kind: 'answers', texts: [JSON.stringify(part)] }
  for (let from = 0; from < ended.length; from += ENDED_PER_BLOCK) {
    yield { kind: 'ended', texts: [JSON.stringify(ended.slice(from, from + ENDED_PER_BLOCK))] }
  }
  for (const { first, numbers } of book.chain) yield { kind: 'chain', facts: first, columns: { numbers } }
  for (const { segment, offsets } of index) yield { kind: 'index', facts: segment, columns: { offsets } }
}

/** Where the log goes on behind the snapshot, as far as this block says so. */
export function positionOf(block: ReadBlock): CapturedPosition | undefined {
  return block.kind === 'log' ? logOf(block).position : undefined
}

/** Gathers the blocks of a snapshot. */
export class SnapshotContent {
  readonly #records: RecordColumns[] = []
  readonly #chain: ChainPart[] = []
  readonly #index: IndexPart[] = []
  readonly #answers: AnswerPart[] = []
  readonly #ended: EndedReservation[] = []
  #book: BookFacts | undefined
  #log: CapturedLog | undefined

  add(block: ReadBlock): void {
    switch (block.kind) {
      case 'book':
        this.#book = block.facts as BookFacts
        break
      case 'log':
        this.#log = logOf(block)
        break
      case 'records':
        this.#records.push(recordsOf(block))
        break
      case 'answers':
        this.#answers.push(JSON.parse(block.text(0).toString('utf8')) as AnswerPart)
        break
      case 'ended':
        for (const one of JSON.parse(block.text(0).toString('utf8')) as EndedReservation[])
          this.#ended.push(one)
        break
      case 'chain':
        this.#chain.push({ first: block.facts as number, numbers: block.column('numbers') })
        break
      case 'index':
        this.#index.push({ segment: block.facts as number, offsets: block.column('offsets') })
        break
      default:
        throw new UnusableSnapshotError(`it has a block ${block.kind}, which is not known`)
    }
  }

  /** All that was added. Throws an UnusableSnapshotError where it is not as much as the snapshot says. */
  parts(): ReplayParts {
    const [book, log] = [this.#book, this.#log]
    if (book === undefined || log === undefined)
      throw new UnusableSnapshotError('its first blocks are missing')
    const { sequence, oldestSequence, recordCount, answerCount, logTime, endedCount = 0 } = book
    const kept = sequence - oldestSequence + 1
    requireCount('records', recordCount, sum(this.#records.map(({ skus }) => skus.length)))
    requireCount('answers', answerCount, sum(this.#answers.map(({ keys }) => keys.length)))
    requireCount('ended reservations', endedCount, this.#ended.length)
    requireCount('events in its chain', kept, sum(this.#chain.map(({ numbers }) => numbers.length)))
    requireCount('events in its index', kept, sum(this.#index.map(({ offsets }) => offsets.length)))
    const answers = { logTime, count: answerCount, parts: this.#answers }
    const [records, chain, ended] = [this.#records, this.#chain, this.#ended]
    const parts: BookParts = { sequence, oldestSequence, records, chain, answers, ended }
    return { book: parts, index: this.#index, log }
  }
}

function logBlock({ position, ...rest }: CapturedLog): Block {
  const { segment, offset, chain, count, segments, offsets, chains } = position
  const facts: LogFacts = { ...rest, segment, offset, chain, count }
  return { kind: 'log', facts, columns: { segments, offsets, chains } }
}

function logOf(block: ReadBlock): CapturedLog {
  const { segment, offset, chain, count, ...rest } = block.facts as LogFacts
  const segments = block.column('segments')
  const offsets = block.column('offsets')
  const chains = block.column('chains')
  return { ...rest, position: { segment, offset, chain, count, segments, offsets, chains } }
}

function recordsBlock({ runs, skus, writers, numbers, details }: RecordColumns): Block {
  const facts: RecordFacts = { runs, writers }
  return {
    kind: 'records',
    facts,
    columns: numbers,
    texts: [JSON.stringify(skus), JSON.stringify(details())]
  }
}

function recordsOf(block: ReadBlock): RecordColumns {
  const { runs, writers } = block.facts as RecordFacts
  const skus = JSON.parse(block.text(0).toString('utf8')) as string[]
  const details = block.text(1)
  const column = (name: string): PackedNumbers => block.column(name)
  return {
    runs,
    skus,
    writers,
    numbers: {
      qty: column('qty'),
      reserved: column('reserved'),
      version: column('version'),
      updatedAt: column('updatedAt'),
      deleted: column('deleted'),
      lastSequence: column('lastSequence'),
      unitWriter: column('unitWriter'),
      unitCounter: column('unitCounter')
    },
    // Most records have none, and those that do are read when somebody asks for one of them.
    details: () => JSON.parse(details.toString('utf8')) as RowDetails[]
  }
}

function requireCount(what: string, said: number, found: number): void {
  if (said !== found) throw new UnusableSnapshotError(`it has ${found} ${what}, not ${said}`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
