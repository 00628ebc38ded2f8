import { StockBook } from '../../domain/book.ts'
import type { DraftedEffect, DraftedUnit } from '../../domain/drafted-unit.ts'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import { judge } from '../../domain/position.ts'
import { DamageError } from './damage.ts'
import { EventIndex } from './event-index.ts'
import { parseFrame } from './frame-body.ts'
import type { Frame, RetentionFrame, UnitFrame } from './frame.ts'
import { LogPosition } from './log-position.ts'
import type { LastFrame, ReplayCapture, ReplayParts, SkippedPart } from './replay-capture.ts'
import { LineScan, type ScannedLine } from './scanned-lines.ts'

export type { SkippedPart } from './replay-capture.ts'

export type UnitListener = (unitId: string, isValid: boolean) => void

const SKIPPED_KEPT_MAX = 1000

/**
 * Takes the frames of the log in file order and comes to the state they stand for: the one place where units become
 * valid or void. It trusts nothing: a writer's frames that do not count on, a durable mark that does not fit what
 * was read, a base that was never seen, an event that cannot have happened are damage.
 */
export class LogReplay {
  readonly book: StockBook
  readonly index: EventIndex
  readonly position: LogPosition
  readonly skipped: SkippedPart[] = []
  tornFrames = 0
  voidUnits = 0
  #seal: string | undefined
  #lastMarkOffset = 0
  #isBehindHole = false
  #lastFrame: LastFrame | undefined
  /** How many parts were skipped behind the last good frame. */
  #skippedBehind = 0
  readonly #counters: Map<string, number>
  readonly #pathOf: (segment: number) => string

  /**
   * At the beginning of the log, or where a capture was made: then that part of the log is known to be durable.
   * Throws a RangeError where its parts do not fit together.
   */
  constructor(pathOf: (segment: number) => string, parts?: ReplayParts) {
    this.#pathOf = pathOf
    this.book = new StockBook(parts?.book)
    if (parts === undefined) {
      this.index = new EventIndex()
      this.index.enter(1)
      this.position = new LogPosition(1)
      this.#counters = new Map()
      return
    }
    const { log } = parts
    this.index = EventIndex.restore(parts.index)
    this.position = new LogPosition(log.position)
    this.#counters = new Map(log.counters)
    this.skipped.push(...log.skipped)
    this.tornFrames = log.tornFrames
    this.voidUnits = log.voidUnits
    this.#lastMarkOffset = log.position.offset
    this.#lastFrame = log.lastFrame
  }

  /**
   * All of it as it is now, up to the end of the last good frame: what was skipped behind it is skipped again by whoever
   * goes on from there. REQUIRES: the present segment is not sealed.
   */
  capture(): ReplayCapture {
    const kept = this.skipped.length - this.#skippedBehind
    return {
      book: this.book.capture(),
      index: this.index.capture(),
      log: {
        position: this.position.capture(),
        ...(this.#lastFrame !== undefined && { lastFrame: this.#lastFrame }),
        counters: [...this.#counters],
        tornFrames: this.tornFrames - this.#skippedBehind,
        voidUnits: this.voidUnits,
        skipped: this.skipped.slice(0, Math.max(0, kept))
      }
    }
  }

  /** The name of the file that becomes the next segment, once the present one is sealed. */
  get seal(): string | undefined {
    return this.#seal
  }

  /** Up to where some writer has said that the present segment is durable. */
  get durableOffset(): number {
    return this.#lastMarkOffset
  }

  /**
   * Takes the complete lines of `bytes`, which stand at `offset` of the present segment, and returns where the
   * first incomplete one begins. Throws a DamageError.
   */
  take(bytes: Buffer, offset: number, onUnit?: UnitListener): number {
    const scan = new LineScan(bytes, offset)
    for (let line = scan.next(); line !== undefined; line = scan.next()) {
      if (this.#seal !== undefined) break
      if (line.kind === 'frame') this.#takeFrame(line, onUnit)
      else this.#takeUnreadable(line)
    }
    return scan.unfinishedFrom
  }

  /** A unit of this process itself, written with nobody else's in between, so that it need not be read again. */
  takeOwn({ unit, effect }: DraftedUnit, start: number, end: number, checksum: number): void {
    this.#count(unit.id, start)
    this.#pass(start, end, checksum)
    this.#applyUnit(unit, start, effect)
  }

  /** On to the segment whose name is this sequence. */
  enter(segment: number): void {
    this.#seal = undefined
    this.#lastMarkOffset = 0
    this.#isBehindHole = false
    this.#lastFrame = undefined
    this.position.enter(segment)
    this.index.enter(segment)
  }

  #takeFrame(line: Extract<ScannedLine, { kind: 'frame' }>, onUnit: UnitListener | undefined): void {
    const { start, end, checksum } = line
    const frame = parseFrame(line.body)
    if (this.#isOrphaned(frame)) {
      this.#skip({ kind: 'orphaned', start, end })
      return
    }
    this.#count(frame.id, start)
    this.#compareMark(frame, start)
    this.#pass(start, end, checksum)
    if ('seal' in frame) this.#seal = frame.seal
    else if ('retained' in frame) this.#retain(frame, start)
    else if (!('mark' in frame)) this.#takeUnit(frame, start, onUnit)
  }

  #pass(start: number, end: number, checksum: number): void {
    this.#isBehindHole = false
    this.#skippedBehind = 0
    this.#lastFrame = { start, checksum }
    this.position.pass(end, checksum)
  }

  /** Of two writers that retain at once the one that forgets more has its way. */
  #retain({ id, retained }: RetentionFrame, start: number): void {
    if (retained <= this.book.oldestSequence) return
    if (!this.index.segments.includes(retained)) {
      throw this.#damage(start, `frame ${id} forgets the events below ${retained}, where no segment begins`)
    }
    this.book.forgetHistoryBelow(retained)
    this.index.forgetBelow(retained)
  }

  /**
   * A power cut may keep some sectors of one write and lose others: what stands behind a hole in the same write goes
   * with what was in it. A frame with a durable mark is the first of its write, and before it nothing may be missing.
   */
  #isOrphaned({ id, durable }: Frame): boolean {
    if (!this.#isBehindHole || durable !== undefined) return false
    const { writer, counter } = parseId(id)
    return counter > (this.#counters.get(writer) ?? 0) + 1
  }

  #takeUnit(frame: UnitFrame, start: number, onUnit: UnitListener | undefined): void {
    const verdict = judge(frame, this.book)
    if (verdict.valid) {
      this.#applyUnit(frame, start)
    } else {
      this.voidUnits += 1
      if (verdict.base !== undefined) this.#requireSeen(verdict.base, frame.id, start)
    }
    onUnit?.(frame.id, verdict.valid)
  }

  #applyUnit(unit: LoggedUnit, start: number, effect?: DraftedEffect): void {
    try {
      this.book.apply(unit, effect)
    } catch (error) {
      throw this.#damage(start, `unit ${unit.id} cannot have happened here`, error)
    }
    this.index.append(start, unit.events.length)
  }

  #count(id: string, start: number): void {
    const { writer, counter } = parseId(id)
    const before = this.#counters.get(writer) ?? 0
    if (counter !== before + 1) {
      throw this.#damage(
        this.#lossBefore(start),
        `writer ${writer} goes from frame ${before} to ${counter}: frames between are missing`
      )
    }
    this.#counters.set(writer, counter)
  }

  /** Where something was skipped that may be what is missing, else the place at which it was missed. */
  #lossBefore(start: number): number {
    const place = this.skipped.at(-1)
    return place?.segment === this.position.segment ? place.offset : start
  }

  #compareMark(frame: Frame, start: number): void {
    const { durable } = frame
    if (durable === undefined) return
    if (this.position.agrees(durable) === false) {
      throw this.#damage(
        this.#lossBefore(start),
        `frame ${frame.id} knows other frames before byte ${durable[1]} than can be read`
      )
    }
    if (durable[0] === this.position.segment)
      this.#lastMarkOffset = Math.max(this.#lastMarkOffset, durable[1])
  }

  /** A void unit was decided on something: if that was never in the log, an acknowledged frame is missing. */
  #requireSeen(base: string, unitId: string, start: number): void {
    if (base === '' || base === unitId) return
    const { writer, counter } = parseId(base)
    if ((this.#counters.get(writer) ?? 0) >= counter) return
    throw this.#damage(start, `unit ${unitId} was decided on unit ${base}, which is missing`)
  }

  #takeUnreadable({ kind, start, end }: Exclude<ScannedLine, { kind: 'frame' }>): void {
    this.#isBehindHole = kind === 'hole'
    this.#skip({ kind, start, end })
  }

  #skip({ kind, start, end }: Pick<SkippedPart, 'kind'> & { start: number; end: number }): void {
    this.tornFrames += 1
    this.#skippedBehind += 1
    if (this.skipped.length >= SKIPPED_KEPT_MAX) this.skipped.shift()
    this.skipped.push({ segment: this.position.segment, offset: start, length: end - start, kind })
  }

  #damage(offset: number, what: string, cause?: unknown): DamageError {
    return new DamageError(this.#pathOf(this.position.segment), offset, what, { cause })
  }
}

function parseId(id: string): { writer: string; counter: number } {
  const dash = id.lastIndexOf('-')
  return { writer: id.slice(0, dash), counter: Number(id.slice(dash + 1)) }
}
