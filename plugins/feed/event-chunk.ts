import type { PrintableEvent } from '../../domain/written-adjustment.ts'
import type { StockEvent } from '../schemas/history.ts'
import { printEvent } from './printed-event.ts'
import type { EventFacts } from './query.ts'

/** A run of consecutive events as JSON in UTF-8. It grows at its end while the log does. */
export class EventChunk {
  readonly first: number
  /** The events, with a comma behind each. */
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
  append(events: readonly PrintableEvent[]): void {
    const { last } = this
    // One text for all of them: to write each by itself would cost more than to print it.
    let text = ''
    const textStarts: number[] = []
    for (const event of events) {
      if (event.sequence <= last) continue
      textStarts.push(text.length)
      text += `${printEvent(event)},`
    }
    const printed = Buffer.from(text)
    this.#noteStarts(text, textStarts, printed.length)
    this.#json = this.#json.length === 0 ? printed : Buffer.concat([this.#json, printed])
  }

  /** The events from `first` to `last`, which it has, as JSON with commas between them. */
  slice(first: number, last: number): Buffer {
    return this.#json.subarray(this.#startOf(first), this.#startOf(last + 1) - 1)
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

  #noteStarts(text: string, textStarts: readonly number[], bytes: number): void {
    const before = this.#json.length
    if (bytes === text.length) {
      for (const start of textStarts) this.#starts.push(before + start)
      return
    }
    // Some of it takes more than one byte for a UTF-16 code unit.
    let start = before
    for (const [index, textStart] of textStarts.entries()) {
      this.#starts.push(start)
      start += Buffer.byteLength(text.slice(textStart, textStarts[index + 1]))
    }
  }

  #startOf(offset: number): number {
    return this.#starts[offset - this.first] ?? this.#json.length
  }
}
