import type { SequencedEvent } from '../../domain/unit.ts'
import type { StockEvent } from '../schemas/history.ts'
import { renderEvent } from '../schemas/rendered-event.ts'
import type { EventFacts } from './query.ts'

const comma = Buffer.from(',')
/** What stands between two events, and nowhere else: within a text, quotes are escaped. */
const boundary = Buffer.from('},{"offset":')

/** A run of consecutive events as JSON in UTF-8. It grows at its end while the log does. */
export class EventChunk {
  readonly first: number
  /** The events with commas between them. */
  #json: Buffer = Buffer.alloc(0)
  /** Where each event begins in the JSON. */
  readonly #starts: number[] = []
  /** Of those events that somebody has asked about: few readers filter. */
  readonly #facts: EventFacts[] = []

  constructor(first: number) {
    this.first = first
  }

  /** The offset of its newest event; one below `first` where it has none. */
  get last(): number {
    return this.first + this.#starts.length - 1
  }

  /** About how much memory it takes. */
  get bytes(): number {
    return this.#json.length + 128 * this.#starts.length + 256
  }

  /** Adds those of the events that come next; they are consecutive, and begin with one that comes next or earlier. */
  append(events: readonly SequencedEvent[]): void {
    const next = events.filter(({ sequence }) => sequence > this.last).map(renderEvent)
    if (next.length === 0) return
    // One call for all of them takes half the time of one for each.
    const json = Buffer.from(JSON.stringify(next)).subarray(1, -1)
    const start = this.#json.length === 0 ? 0 : this.#json.length + comma.length
    this.#starts.push(start)
    for (let at = json.indexOf(boundary); at >= 0; at = json.indexOf(boundary, at + boundary.length)) {
      this.#starts.push(start + at + 2)
    }
    this.#json = start === 0 ? json : Buffer.concat([this.#json, comma, json])
  }

  /** The events from `first` to `last`, which it has, as JSON with commas between them. */
  slice(first: number, last: number): Buffer {
    return this.#json.subarray(this.#startOf(first), this.#startOf(last + 1) - comma.length)
  }

  /** REQUIRES: the chunk has the event. */
  facts(offset: number): EventFacts {
    const index = offset - this.first
    const known = this.#facts[index]
    if (known !== undefined) return known
    const { eventType, storeId, productId, data } = JSON.parse(
      this.slice(offset, offset).toString()
    ) as StockEvent
    const facts = { eventType, storeId, recordStoreId: data.storeId ?? storeId, productId }
    this.#facts[index] = facts
    return facts
  }

  #startOf(offset: number): number {
    return this.#starts[offset - this.first] ?? this.#json.length + comma.length
  }
}
