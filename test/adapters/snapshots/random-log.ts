// Logs of any kind: several writers that read late, void units, keys taken twice, torn frames, holes, segments.
import { Draft } from '../../../domain/draft.ts'
import { ImpossibleEventError } from '../../../domain/evolution.ts'
import type { LoggedUnit } from '../../../domain/logged-unit.ts'
import { below, seededRandom, type Random } from '../../../adapters/file-system/seeded-random.ts'
import { DamageError } from '../../../adapters/wal/damage.ts'
import { FrameBuffer } from '../../../adapters/wal/frame-buffer.ts'
import type { Frame } from '../../../adapters/wal/frame.ts'
import { LogReplay } from '../../../adapters/wal/log-replay.ts'
import { workload } from '../wal-faults/workload.ts'
import type { PlannedUnit } from '../wal-faults/workload.ts'

export interface LogSegment {
  readonly first: number
  bytes: Buffer
}

/** A reader of a log in memory. */
export class LogReader {
  readonly verdicts: string[] = []
  readonly replay: LogReplay
  #segment = 0
  #offset: number

  constructor(log: readonly LogSegment[], replay = new LogReplay(pathOf)) {
    this.replay = replay
    this.#segment = log.findIndex(({ first }) => first === replay.position.segment)
    this.#offset = replay.position.offset
  }

  /** Reads what the log holds, up to a byte of the last segment it comes to. */
  read(log: readonly LogSegment[], end = Infinity): void {
    for (;;) {
      const bytes = log[this.#segment]!.bytes
      const part = bytes.subarray(this.#offset, end)
      this.#offset = this.replay.take(part, this.#offset, (id, isValid) =>
        this.verdicts.push(`${id} ${isValid}`)
      )
      if (this.replay.seal === undefined) return
      this.#segment += 1
      this.#offset = 0
      if (log[this.#segment] === undefined) return
      this.replay.enter(log[this.#segment]!.first)
      if (end !== Infinity) return
    }
  }
}

interface Writer {
  name: string
  counter: number
  readonly reader: LogReader
}

export function pathOf(segment: number): string {
  return `/log/${segment}`
}

/** The frame in bytes. */
export function encoded(frame: Frame): Buffer {
  const frames = new FrameBuffer()
  frames.add(frame)
  return Buffer.from(frames.bytes)
}

export function randomLog(seed: number, steps: number): LogSegment[] {
  return new LogMaker(seed, steps).log
}

class LogMaker {
  readonly log: LogSegment[] = [{ first: 1, bytes: Buffer.alloc(0) }]
  readonly #random: Random
  readonly #writers: Writer[] = []
  readonly #units: PlannedUnit[]
  #nameCount = 0

  constructor(seed: number, steps: number) {
    this.#random = seededRandom(seed)
    const atOf = (index: number, random: Random): number => 1000 + index * 10 + below(60, random)
    const actions = workload({ seed, steps, atOf, ttlMs: 200 })
    this.#units = actions.flatMap((action) => (action.kind === 'ask' ? action.units : []))
    for (let count = 0; count < 3; count += 1) this.#writers.push(this.#newWriter())
    for (const { unit } of this.#units) this.#step(unit)
    this.#caughtUp(this.#writers[0]!)
  }

  #newWriter(): Writer {
    this.#nameCount += 1
    return { name: `w${this.#nameCount}`, counter: 0, reader: new LogReader(this.log) }
  }

  #step(unit: PlannedUnit['unit']): void {
    const writer = this.#writers[below(3, this.#random)]!
    // A writer that is late writes on what it has read, and its units may be void.
    if (below(3, this.#random) > 0 || writer.reader.replay.position.segment !== this.log.at(-1)!.first) {
      this.#caughtUp(writer)
    }
    const logged = decided(writer, unit)
    const { mark } = writer.reader.replay.position
    if (logged !== undefined) this.#append(writer, { ...logged, durable: mark })
    switch (below(20, this.#random)) {
      case 0:
        this.#tear(writer)
        break
      case 1:
        this.#append(writer, { id: this.#idOf(writer), at: unit.at, durable: mark, mark: true })
        break
      case 2:
        this.#seal(writer, unit.at)
        break
      case 3:
        this.#retain(writer, unit.at)
        break
      default:
    }
  }

  #idOf({ name, counter }: Writer): string {
    return `${name}-${counter + 1}`
  }

  #append(writer: Writer, frame: Frame): void {
    writer.counter += 1
    this.#write(encoded(frame))
  }

  #write(bytes: Buffer): void {
    const last = this.log.at(-1)!
    last.bytes = Buffer.concat([last.bytes, bytes])
  }

  /** A writer that dies in the middle of a frame, or whose frame lost sectors in a power cut; another one follows. */
  #tear(writer: Writer): void {
    const whole = encoded({ id: this.#idOf(writer), at: 1, mark: true })
    const isHole = below(2, this.#random) === 0
    const torn = isHole ? Buffer.concat([whole.subarray(0, 8), Buffer.alloc(600)]) : whole.subarray(0, 12)
    this.#write(torn)
    this.#writers[this.#writers.indexOf(writer)] = this.#newWriter()
  }

  #seal(writer: Writer, at: number): void {
    this.#caughtUp(writer)
    const { book, position } = writer.reader.replay
    if (book.sequence < position.segment) return
    this.#append(writer, { id: this.#idOf(writer), at, durable: position.mark, seal: 'next' })
    this.log.push({ first: book.sequence + 1, bytes: Buffer.alloc(0) })
    for (const [index, other] of this.#writers.entries()) {
      this.#caughtUp(other)
      this.#writers[index] = { name: `x${(this.#nameCount += 1)}`, counter: 0, reader: other.reader }
    }
  }

  #retain(writer: Writer, at: number): void {
    const { index, position } = writer.reader.replay
    const retained = index.segments[below(index.segments.length, this.#random)]!
    this.#append(writer, { id: this.#idOf(writer), at, durable: position.mark, retained })
  }

  #caughtUp({ reader }: Writer): void {
    reader.read(this.log)
  }
}

/** Nothing where the unit is refused, or sent again when its key is forgotten but its reservation still there. */
function decided({ name, counter, reader }: Writer, unit: PlannedUnit['unit']): LoggedUnit | undefined {
  try {
    return new Draft(reader.replay.book).propose(unit, `${name}-${counter + 1}`).logged
  } catch (error) {
    if (error instanceof ImpossibleEventError) return undefined
    throw error
  }
}

/** What a reader makes of the rest of the log: its verdicts, and the damage it finds. */
export function outcomeOf(reader: LogReader, log: readonly LogSegment[]): string[] {
  try {
    reader.read(log)
    return reader.verdicts
  } catch (error) {
    if (!(error instanceof DamageError)) throw error
    return [...reader.verdicts, error.message]
  }
}
