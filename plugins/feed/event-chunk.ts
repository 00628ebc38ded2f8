import type { PrintableEvent } from '../../domain/written-adjustment.ts'
import type { StockEvent } from '../schemas/history.ts'
import { printEvent } from './printed-event.ts'
import type { EventFacts } from './query.ts'

const COMMA = 0x2c

/** Where events are printed, to be copied together: a text for all of them would be put together and then copied too. */
let scratch = Buffer.allocUnsafe(256 * 1024)

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
    const before = this.#json.length
    let length = 0
    for (const event of events) {
      if (event.sequence <= last) continue
      this.#starts.push(before + length)
      length += write(printEvent(event), length)
      scratch[length] = COMMA
      length += 1
    }
    const printed = scratch.subarray(0, length)
    this.#json = before === 0 ? Buffer.from(printed) : Buffer.concat([this.#json, printed])
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

  #startOf(offset: number): number {
    return this.#starts[offset - this.first] ?? this.#json.length
  }
}

/** Writes the text into the scratch at `at`, with room for a byte behind it, and returns its length in bytes. */
function write(text: string, at: number): number {
  // Three bytes are the most that UTF-8 takes for one UTF-16 code unit.
  const most = at + text.length * 3 + 1
  if (most > scratch.length) {
    const larger = Buffer.allocUnsafe(most * 2)
    scratch.copy(larger, 0, 0, at)
    scratch = larger
  }
  return scratch.write(text, at)
}
