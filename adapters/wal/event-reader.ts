import { sequencedEvents } from '../../domain/logged-unit.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { OpenFile } from '../file-system/file-system.ts'
import { DamageError } from './damage.ts'
import type { EventIndex, EventPlace } from './event-index.ts'
import { closeOpenEnd, scanLines, type UnitFrame } from './frame.ts'
import { readFully } from './full-read.ts'
import type { LogFolder } from './log-folder.ts'

/** Longer than nearly every frame of one line. */
const FIRST_READ_BYTES = 4096

/** Reads events back from the segments by their sequence. Each frame's checksum is checked again. */
export class EventReader {
  readonly #folder: LogFolder
  readonly #index: EventIndex
  readonly #files = new Map<number, Promise<OpenFile>>()

  constructor(folder: LogFolder, index: EventIndex) {
    this.#folder = folder
    this.#index = index
  }

  /** The events from `first` to `last`, all of which are in the log. Throws a DamageError where they have rotted. */
  async range(first: number, last: number): Promise<SequencedEvent[]> {
    const events: SequencedEvent[] = []
    let sequence = first
    while (sequence <= last) {
      for (const event of await this.#chunk(sequence, last)) {
        events.push(event)
        sequence = event.sequence + 1
      }
    }
    return events
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await (await file).close()
    this.#files.clear()
  }

  /** At least the event `first`, and more up to `last` as far as one read of the file brings them. */
  async #chunk(first: number, last: number): Promise<SequencedEvent[]> {
    const place = this.#placeOf(first)
    const end = this.#lastPlaceInSegment(place, last)
    const bytes = await this.#readFrom(place, end)
    const events: SequencedEvent[] = []
    let sequence = this.#index.frameStart(first)
    for (const line of scanLines(bytes, place.offset).lines) {
      const expected = this.#index.place(sequence)
      if (sequence > last || expected === undefined || expected.segment !== place.segment) break
      // What stands between two frames of the index is void, torn, or not a unit.
      if (line.start !== expected.offset) continue
      if (line.kind !== 'frame') throw this.#rotten(expected)
      const unit = line.frame as UnitFrame
      for (const event of sequencedEvents(unit, sequence)) {
        if (event.sequence >= first && event.sequence <= last) events.push(event)
      }
      sequence += unit.events.length
    }
    if (events.length === 0) throw this.#rotten(place)
    return events
  }

  async #readFrom(place: EventPlace, endOfLastFrame: number): Promise<Buffer> {
    const file = await this.#file(place.segment)
    const available = file.size() - place.offset
    if (available <= 0) throw this.#rotten(place)
    let length = Math.min(
      available,
      Math.max(FIRST_READ_BYTES, endOfLastFrame - place.offset + FIRST_READ_BYTES)
    )
    for (;;) {
      const bytes = Buffer.allocUnsafe(length)
      const read = await readFully(file, bytes, place.offset)
      const got = bytes.subarray(0, read)
      // A frame longer than what was read shows no end in it.
      if (got.includes(0x0a)) return got
      if (length >= available) return closeOpenEnd(got) ?? got
      length = Math.min(available, length * 4)
    }
  }

  /** Where the frame of the last wanted event begins, as far as it stands in the same segment. */
  #lastPlaceInSegment(place: EventPlace, last: number): number {
    const end = this.#index.place(last)
    return end !== undefined && end.segment === place.segment ? end.offset : place.offset
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
