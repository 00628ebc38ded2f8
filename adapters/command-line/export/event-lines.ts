import type { Ledger } from '../../../domain/ledger.ts'
import { renderEvent } from '../../../plugins/schemas/rendered-event.ts'

const EVENTS_AT_ONCE = 1000

/**
 * The events from this one on, the oldest that is kept where none is named, to the end that the log has at the beginning:
 * a line of JSON each, many at a time. Rejects with an EventsGoneError where events are not kept any more.
 */
export async function* eventLines(ledger: Ledger, from: number | undefined): AsyncGenerator<string> {
  const { sequence: end, oldestSequence } = ledger.health()
  let next = from ?? oldestSequence
  while (next <= end) {
    const events = await ledger.read(next, Math.min(EVENTS_AT_ONCE, end - next + 1))
    yield events.map((event) => `${JSON.stringify(renderEvent(event))}\n`).join('')
    next += events.length
  }
}
