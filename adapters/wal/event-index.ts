const CHUNK_LENGTH = 16_384

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
  readonly #segments: IndexedSegment[] = []

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
    const index = sequence - segment.firstSequence
    if (index >= segment.count) return undefined
    const offset = segment.offsets[Math.floor(index / CHUNK_LENGTH)]?.[index % CHUNK_LENGTH]
    return offset === undefined ? undefined : { segment: segment.firstSequence, offset }
  }

  /** The sequence of the first event in the same frame as this one. */
  frameStart(sequence: number): number {
    const place = this.place(sequence)
    let first = sequence
    while (place !== undefined && samePlace(this.place(first - 1), place)) first -= 1
    return first
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

function samePlace(a: EventPlace | undefined, b: EventPlace): boolean {
  return a?.segment === b.segment && a.offset === b.offset
}
