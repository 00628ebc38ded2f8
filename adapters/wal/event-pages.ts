import type { StockBook } from '../../domain/book.ts'
import { EventsGoneError, type HistoryPage, type HistoryQuery } from '../../domain/ledger.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import type { EventReader } from './event-reader.ts'

/** What the pages of events are made of. */
export interface EventSource {
  readonly book: StockBook
  readonly reader: EventReader
  /** Reads what the log holds by now: whether events were removed while they were read. */
  readonly catchUp: () => Promise<void>
}

/** Up to `limit` events from `fromSequence` on, by `range`. Throws an EventsGoneError where the first of them is not kept. */
export async function eventsFrom<Event>(
  source: EventSource,
  fromSequence: number,
  limit: number,
  range: (first: number, last: number) => Promise<readonly Event[]>
): Promise<readonly Event[]> {
  const { book } = source
  requireKept(book, fromSequence)
  try {
    return await range(fromSequence, Math.min(book.sequence, fromSequence + limit - 1))
  } catch (error) {
    await source.catchUp()
    requireKept(book, fromSequence)
    throw error
  }
}

/** A record's events that are kept, newest first; undefined where there never was one. */
export async function historyPage(
  source: EventSource,
  query: HistoryQuery
): Promise<HistoryPage | undefined> {
  const { storeId, sku, before = Infinity, limit } = query
  const { book, reader } = source
  const sequences = book.history(storeId, sku, before, limit + 1)
  if (sequences === undefined) return undefined
  const { oldestSequence } = book
  const events: SequencedEvent[] = []
  try {
    for (const sequence of sequences.slice(0, limit)) events.push(...(await reader.range(sequence, sequence)))
  } catch (error) {
    await source.catchUp()
    if (book.oldestSequence === oldestSequence) throw error
    return await historyPage(source, query)
  }
  return { events, hasMore: sequences.length > limit }
}

function requireKept(book: StockBook, sequence: number): void {
  if (sequence < book.oldestSequence) throw new EventsGoneError(sequence, book.oldestSequence)
}
