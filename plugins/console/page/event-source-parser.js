const unfinishedMax = 1 << 20

/** Reads Server-Sent Events (HTML Living Standard) from text that comes in pieces cut anywhere. */
export class EventSourceParser {
  #rest = ''
  #endedInReturn = false
  #id = ''
  #data = []

  /** The events that the piece completes, each `{id, data}`. Throws a RangeError for an event without an end. */
  take(piece) {
    // A line may end in CR LF, and the two may come in different pieces.
    const text = this.#endedInReturn && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece !== '') this.#endedInReturn = piece.endsWith('\r')
    const lines = (this.#rest + text).split(/\r\n|\n|\r/)
    this.#rest = lines.pop()
    if (this.#rest.length > unfinishedMax) throw new RangeError('an event has no end')
    return lines.map((line) => this.#takeLine(line)).filter((event) => event !== undefined)
  }

  #takeLine(line) {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'id') this.#id = value
    return undefined
  }

  #dispatch() {
    if (this.#data.length === 0) return undefined
    const event = { id: this.#id, data: this.#data.join('\n') }
    this.#data = []
    return event
  }
}
