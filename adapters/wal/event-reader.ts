import { sequencedEvents } from '../../domain/logged-unit.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { PrintableEvent } from '../../domain/written-adjustment.ts'
import type { OpenFile } from '../file-system/file-system.ts'
import { DamageError } from './damage.ts'
import type { EventIndex, EventPlace } from './event-index.ts'
import { parseFrame } from './frame-body.ts'
import type { UnitFrame } from './frame.ts'
import { readFully } from './full-read.ts'
import type { LogFolder } from './log-folder.ts'
import { closeOpenEnd, LineScan } from './scanned-lines.ts'
import { writtenAdjustment } from './written-adjustments.ts'

/** The most that is read at once, unless a single frame is longer. */
const READ_BYTES_MAX = 1024 * 1024

/** Room for what a page of the feed is read from, mostly. */
const BLOCK_BYTES = 256 * 1024

/** A frame of at least so many events is kept once it is parsed: its readers come for a part of it at a time. */
const LARGE_FRAME_EVENTS = 1024

interface LargeFrame {
  readonly place: EventPlace
  readonly events: readonly SequencedEvent[]
}

/** Events under way to who asked for them, up to `last`. */
interface Reading<Event> {
  readonly last: number
  readonly events: (Event | SequencedEvent)[]
  /** The event of a frame that holds nothing else, in the form that is wanted; undefined where that form cannot be had. */
  readonly loneEvent: (body: string, sequence: number) => Event | undefined
}

/** Reads events back from the segments by their sequence. Each frame's checksum is checked again. */
export class EventReader {
  readonly #folder: LogFolder
  readonly #index: EventIndex
  readonly #files = new Map<number, Promise<OpenFile>>()
  #largeFrame: LargeFrame | undefined
  /** What nobody reads into at present: new memory for each read would keep the collector busy. */
  #spareBlock: Buffer | undefined
  #rangesUnderWay = 0
  #oldestSegment = 0

  constructor(folder: LogFolder, index: EventIndex) {
    this.#folder = folder
    this.#index = index
  }

  /** The events from `first` to `last`, all of which are in the log. Throws a DamageError where they have rotted. */
  range(first: number, last: number): Promise<SequencedEvent[]> {
    return this.#whileOpen(() => this.#range({ last, events: [], loneEvent: () => undefined }, first))
  }

  /** As `range`, with adjustments in the words of the log where each is all of a frame. */
  printableRange(first: number, last: number): Promise<PrintableEvent[]> {
    return this.#whileOpen(() => this.#range({ last, events: [], loneEvent: writtenAdjustment }, first))
  }

  /** Lets go of the segments before this one: at once, or when the reads under way have ended. */
  async forgetBelow(segment: number): Promise<void> {
    this.#oldestSegment = segment
    if (this.#rangesUnderWay === 0) await this.#closeForgotten()
  }

  async #closeForgotten(): Promise<void> {
    for (const [segment, file] of this.#files) {
      if (segment >= this.#oldestSegment) continue
      this.#files.delete(segment)
      await (await file).close()
    }
  }

  async #whileOpen<Value>(read: () => Promise<Value>): Promise<Value> {
    this.#rangesUnderWay += 1
    try {
      return await read()
    } finally {
      this.#rangesUnderWay -= 1
      if (this.#rangesUnderWay === 0) await this.#closeForgotten()
    }
  }

  async #range<Event>(reading: Reading<Event>, first: number): Promise<(Event | SequencedEvent)[]> {
    const { last, events } = reading
    for (let next = first; next <= last; next = first + events.length) {
      const place = this.#placeOf(next)
      const taken = this.#takeFromLargeFrame(place, next, reading)
      if (taken === 0) await this.#takeFromFile(place, next, reading)
    }
    return events
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await (await file).close()
    this.#files.clear()
  }

  #takeFromLargeFrame<Event>(place: EventPlace, first: number, reading: Reading<Event>): number {
    const frame = this.#largeFrame
    if (frame?.place.segment !== place.segment || frame.place.offset !== place.offset) return 0
    return take(frame.events, first, reading)
  }

  /** Adds at least the event `first`, and more as far as one read of the file brings them. */
  async #takeFromFile<Event>(place: EventPlace, first: number, reading: Reading<Event>): Promise<void> {
    const { last, events } = reading
    const before = events.length
    await this.#read(place, this.#endOf(place, last), (bytes) => this.#parse(bytes, place, first, reading))
    if (events.length === before) throw this.#rotten(place)
  }

  #parse<Event>(
    bytes: Buffer,
    { segment, offset: from }: EventPlace,
    first: number,
    reading: Reading<Event>
  ): void {
    const { last, events, loneEvent } = reading
    let sequence = this.#index.frameStart(first)
    const offsetOf = this.#index.offsetsIn(segment)
    const scan = new LineScan(bytes, from)
    for (let line = scan.next(); line !== undefined; line = scan.next()) {
      const offset = offsetOf(sequence)
      if (sequence > last || offset === undefined) break
      // What stands between two frames of the index is void, torn, or not a unit.
      if (line.start !== offset) continue
      if (line.kind !== 'frame') throw this.#rotten({ segment, offset })
      const lone = loneEvent(line.body, sequence)
      if (lone !== undefined) {
        events.push(lone)
        sequence += 1
        continue
      }
      const inFrame = sequencedEvents(parseFrame(line.body) as UnitFrame, sequence)
      if (inFrame.length >= LARGE_FRAME_EVENTS) {
        this.#largeFrame = { place: { segment, offset }, events: inFrame }
      }
      take(inFrame, first, reading)
      sequence += inFrame.length
    }
  }

  /** Where the frame of the last wanted event ends, as far as it stands in the same segment; no end where it is the last. */
  #endOf(place: EventPlace, last: number): number {
    if (this.#index.place(last)?.segment !== place.segment) return Infinity
    return this.#index.nextFrame(last)?.offset ?? Infinity
  }

  /** Has the bytes parsed from `place` on: one frame at least, and more up to `end`. They are overwritten later. */
  async #read(place: EventPlace, end: number, parse: (bytes: Buffer) => void): Promise<void> {
    const file = await this.#file(place.segment)
    const available = file.size() - place.offset
    if (available <= 0) throw this.#rotten(place)
    let length = Math.min(available, end - place.offset, READ_BYTES_MAX)
    for (;;) {
      const block = this.#takeBlock(length)
      const read = await readFully(file, block.subarray(0, length), place.offset)
      const got = block.subarray(0, read)
      // A frame longer than what was read shows no end in it.
      const isWhole = got.includes(0x0a)
      if (isWhole || length >= available) {
        parse(isWhole ? got : (closeOpenEnd(got) ?? got))
        if (block.length <= READ_BYTES_MAX) this.#spareBlock = block
        return
      }
      length = Math.min(available, length * 4)
    }
  }

  #takeBlock(length: number): Buffer {
    const spare = this.#spareBlock
    if (spare === undefined || spare.length < length) return Buffer.allocUnsafe(Math.max(length, BLOCK_BYTES))
    this.#spareBlock = undefined
    return spare
  }

  #placeOf(sequence: number): EventPlace {
    const place = this.#index.place(sequence)
    if (place === undefined) throw new RangeError(`there is no event ${sequence}`)
    return place
  }

  #file(segment: number): Promise<OpenFile> {
    let file = this.#files.get(segment)
    if (file === undefined) {
      file = this.#folder.openForReading(segment)
      this.#files.set(segment, file)
      // One that could not be opened may be there again the next time.
      file.catch(() => this.#files.delete(segment))
    }
    return file
  }

  #rotten(place: EventPlace): DamageError {
    return new DamageError(
      this.#folder.pathOf(place.segment),
      place.offset,
      'a frame that was whole has rotted or is gone'
    )
  }
}

/** Adds those of a frame's events that are wanted from `first` on; returns how many. */
function take<Event>(
  frame: readonly SequencedEvent[],
  first: number,
  { last, events }: Reading<Event>
): number {
  const before = events.length
  for (const event of frame) if (event.sequence >= first && event.sequence <= last) events.push(event)
  return events.length - before
}
