import { PackedNumbers } from '../../domain/packed-numbers.ts'

const CHUNK_LENGTH = 16_384

/** A part of an index: where the frames of the next events of a segment stand. */
export interface IndexPart {
  /** The first sequence of the segment. */
  readonly segment: number
  readonly offsets: PackedNumbers
}

interface IndexedSegment {
  readonly firstSequence: number
  readonly offsets: Uint32Array[]
  count: number
}

/** Where the frame of an event stands. */
export interface EventPlace {
  readonly segment: number
  readonly offset: number
}

/** For each event the place of its frame in the log: four bytes an event. Void units are not in it. */
export class EventIndex {
  #segments: IndexedSegment[] = []

  /** On to the segment whose first event will have this sequence. */
  enter(firstSequence: number): void {
    this.#segments.push({ firstSequence, offsets: [], count: 0 })
  }

  /** `count` more events of the frame at `offset` of the present segment. */
  append(offset: number, count: number): void {
    const segment = this.#segments.at(-1)
    if (segment === undefined) throw new RangeError('no segment was entered')
    for (let event = 0; event < count; event += 1) {
      const index = segment.count % CHUNK_LENGTH
      if (index === 0) segment.offsets.push(new Uint32Array(CHUNK_LENGTH))
      const chunk = segment.offsets.at(-1)
      if (chunk !== undefined) chunk[index] = offset
      segment.count += 1
    }
  }

  /** The place of the event with this sequence; undefined where there is none. */
  place(sequence: number): EventPlace | undefined {
    const segment = this.#segmentOf(sequence)
    if (segment === undefined) return undefined
    const offset = offsetIn(segment, sequence)
    return offset === undefined ? undefined : { segment: segment.firstSequence, offset }
  }

  /** Where in its segment the frame of each event stands, which is one that was given this name; for many in a row. */
  offsetsIn(segment: number): (sequence: number) => number | undefined {
    const indexed = this.#segmentOf(segment)
    if (indexed?.firstSequence !== segment) return () => undefined
    return (sequence) => offsetIn(indexed, sequence)
  }

  /** The first sequences of the segments that are not forgotten, in order. */
  get segments(): number[] {
    return this.#segments.map(({ firstSequence }) => firstSequence)
  }

  /** Forgets the segments before this one. */
  forgetBelow(firstSequence: number): void {
    this.#segments = this.#segments.filter((segment) => segment.firstSequence >= firstSequence)
  }

  /** The index as it is now, in parts to be drawn one by one, whatever happens to it in the meantime. */
  capture(): Iterable<IndexPart> {
    return partsOf(this.#segments.map((segment) => ({ ...segment, offsets: [...segment.offsets] })))
  }

  static restore(parts: Iterable<IndexPart>): EventIndex {
    const index = new EventIndex()
    for (const { segment, offsets } of parts) {
      if (index.#segments.at(-1)?.firstSequence !== segment) index.enter(segment)
      for (let event = 0; event < offsets.length; event += 1) index.append(offsets.at(event), 1)
    }
    return index
  }

  /** The sequence of the first event in the same frame as this one. */
  frameStart(sequence: number): number {
    const place = this.place(sequence)
    let first = sequence
    while (place !== undefined && samePlace(this.place(first - 1), place)) first -= 1
    return first
  }

  /** The place of the frame behind the one that this event is in; undefined for the last one of its segment. */
  nextFrame(sequence: number): EventPlace | undefined {
    const place = this.place(sequence)
    if (place === undefined) return undefined
    let next = sequence + 1
    while (samePlace(this.place(next), place)) next += 1
    const found = this.place(next)
    return found?.segment === place.segment ? found : undefined
  }

  #segmentOf(sequence: number): IndexedSegment | undefined {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const isAfter = (this.#segments[middle]?.firstSequence ?? Infinity) > sequence
      if (isAfter) high = middle - 1
      else low = middle
    }
    const segment = this.#segments[low]
    return segment !== undefined && segment.firstSequence <= sequence ? segment : undefined
  }
}

/** Each segment has a part, one without events an empty one. */
function* partsOf(segments: readonly IndexedSegment[]): Generator<IndexPart> {
  for (const { firstSequence: segment, offsets, count } of segments) {
    if (count === 0) yield { segment, offsets: PackedNumbers.of(new Uint32Array(0)) }
    for (let from = 0; from < count; from += CHUNK_LENGTH) {
      const chunk = offsets[from / CHUNK_LENGTH] ?? new Uint32Array(CHUNK_LENGTH)
      yield { segment, offsets: PackedNumbers.of(chunk, Math.min(CHUNK_LENGTH, count - from)) }
    }
  }
}

function offsetIn({ firstSequence, offsets, count }: IndexedSegment, sequence: number): number | undefined {
  const index = sequence - firstSequence
  return index >= count ? undefined : offsets[Math.floor(index / CHUNK_LENGTH)]?.[index % CHUNK_LENGTH]
}

function samePlace(a: EventPlace | undefined, b: EventPlace): boolean {
  return a?.segment === b.segment && a.offset === b.offset
}
