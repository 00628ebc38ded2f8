import { LRUCache } from 'lru-cache'
import type { PrintableEvent } from '../../domain/written-adjustment.ts'
import { EventChunk } from './event-chunk.ts'

/** Few enough that one event costs little to read, many enough that a thousand take few reads. */
const EVENTS_PER_CHUNK = 256
const CACHE_BYTES_MAX = 64 * 1024 * 1024

/** The ledger's part of the work on an event is about twice that of writing it as JSON, which is measured here. */
const COST_FACTOR = 3

/** Where the events come from. */
export interface EventSource {
  /** Up to `limit` events from `first` on, contiguous. */
  read(first: number, limit: number): Promise<readonly PrintableEvent[]>
  /** The sequence of the oldest event that is kept. */
  oldest(): number
  /** Milliseconds on a clock that only goes forward. */
  now(): number
  /** Told how long the process was kept busy with reading, in milliseconds. */
  charge(milliseconds: number): void
}

/** The events as JSON, those that were read last kept, so that many readers of the same events cost one. */
export class EventChunks {
  readonly #source: EventSource
  readonly #cache = new LRUCache<number, EventChunk>({
    maxSize: CACHE_BYTES_MAX,
    sizeCalculation: (chunk) => chunk.bytes
  })
  readonly #loading = new Map<number, Promise<EventChunk>>()

  constructor(source: EventSource) {
    this.#source = source
  }

  /** Whether the events from `first` to `last` need not be read. */
  has(first: number, last: number): boolean {
    for (let index = indexOf(first); index <= indexOf(last); index += 1) {
      if (!reaches(this.#cache.peek(index), index, last)) return false
    }
    return true
  }

  /** The chunks that hold the events from `first` to `last`, all of which are in the log. Rejects as `read` does. */
  async covering(first: number, last: number): Promise<EventChunk[]> {
    const chunks: EventChunk[] = []
    const lastIndex = indexOf(last)
    for (let index = indexOf(first); index <= lastIndex; index += 1) {
      let chunk = this.#cache.get(index)
      while (!reaches(chunk, index, last)) {
        chunk = await (this.#loading.get(index) ?? this.#load(index, lastIndex, last))
      }
      chunks.push(chunk)
    }
    return chunks
  }

  /** Begins to read the chunk, and those behind it that are missing too, in one go. */
  #load(index: number, lastIndex: number, last: number): Promise<EventChunk> {
    let end = index + 1
    while (end <= lastIndex && !this.#loading.has(end) && !reaches(this.#cache.peek(end), end, last)) end += 1
    const indices = Array.from({ length: end - index }, (_, offset) => index + offset)
    const run = this.#readRun(indices, last)
    for (const [position, member] of indices.entries()) {
      const chunk = run
        .then((chunks) => chunks[position] as EventChunk)
        .finally(() => this.#loading.delete(member))
      // Whoever waits for it is told; nobody may.
      chunk.catch(() => undefined)
      this.#loading.set(member, chunk)
    }
    return this.#loading.get(index) as Promise<EventChunk>
  }

  async #readRun(indices: readonly number[], last: number): Promise<EventChunk[]> {
    const oldest = this.#source.oldest()
    const chunks = indices.map((index) => {
      const cached = this.#cache.peek(index)
      // One that ended before the oldest event cannot grow any more.
      const canGrow = cached !== undefined && cached.last + 1 >= oldest
      return canGrow ? cached : new EventChunk(Math.max(firstOf(index), oldest))
    })
    const from = (chunks[0] as EventChunk).last + 1
    const to = firstOf((indices.at(-1) as number) + 1) - 1
    const events = await this.#source.read(from, to - from + 1)
    const started = this.#source.now()
    for (const [position, chunk] of chunks.entries()) {
      const index = indices[position] as number
      const [start, end] = [firstOf(index) - from, firstOf(index + 1) - from]
      chunk.append(events.slice(Math.max(0, start), Math.max(0, end)))
      if (chunk.last < Math.min(last, firstOf(index + 1) - 1)) {
        throw new RangeError(`event ${chunk.last + 1} could not be read`)
      }
      this.#cache.set(index, chunk)
    }
    this.#source.charge((this.#source.now() - started) * COST_FACTOR)
    return chunks
  }
}

function indexOf(offset: number): number {
  return Math.floor((offset - 1) / EVENTS_PER_CHUNK)
}

function firstOf(index: number): number {
  return index * EVENTS_PER_CHUNK + 1
}

/** Whether the chunk has all of its events up to `last`. */
function reaches(chunk: EventChunk | undefined, index: number, last: number): chunk is EventChunk {
  return chunk !== undefined && chunk.last >= Math.min(last, firstOf(index + 1) - 1)
}
