import type { SequencedEvent } from '../../domain/unit.ts'
import type { StockEvent } from '../schemas/history.ts'
import { printEvent } from './printed-event.ts'
import type { EventFacts } from './query.ts'

const comma = Buffer.from(',')

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
    const { last } = this
    const texts: string[] = []
    for (const event of events) if (event.sequence > last) texts.push(printEvent(event))
    if (texts.length === 0) return
    const text = texts.join(',')
    const json = Buffer.from(text)
    // A text of ASCII has as many bytes as code units, and nearly all are such.
    const isAscii = json.length === text.length
    let start = this.#json.length === 0 ? 0 : this.#json.length + comma.length
    this.#json = start === 0 ? json : Buffer.concat([this.#json, comma, json])
    for (const event of texts) {
      this.#starts.push(start)
      start += (isAscii ? event.length : Buffer.byteLength(event)) + comma.length
    }
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
