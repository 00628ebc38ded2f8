import type { EventChunk } from './event-chunk.ts'

/** How the events of a page are written: as the JSON of a page, or as Server-Sent Events. */
export type PageForm = 'json' | 'sse'

export interface FeedPage {
  /** All of the answer; shared by all who ask for the same. */
  readonly body: Buffer
  readonly count: number
  /** The offset to ask for next. */
  readonly nextOffset: number
  /** Whether the log went on when the page was made. */
  readonly hasMore: boolean
  /** Whether it holds or has looked at as much as a page may, so that it stays as it is while the log grows. */
  readonly isFull: boolean
}

/** Consecutive events of one chunk. */
export interface Run {
  readonly chunk: EventChunk
  readonly first: number
  readonly last: number
}

/** What a page says besides its events. */
export type PageEnd = Pick<FeedPage, 'nextOffset' | 'hasMore' | 'isFull'>

const comma = Buffer.from(',')
const frameEnd = Buffer.from('\n\n')

/** Writes the events of the runs, in their order. */
export function writePage(form: PageForm, runs: readonly Run[], end: PageEnd): FeedPage {
  const count = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  const body = form === 'json' ? jsonOf(runs, end, count) : eventStreamOf(runs)
  return { body, count, ...end }
}

/** The events as their schema says, field by field in its order. */
function jsonOf(runs: readonly Run[], { nextOffset, hasMore }: PageEnd, count: number): Buffer {
  const pieces: Buffer[] = [Buffer.from('{"events":[')]
  for (const { chunk, first, last } of runs) {
    if (pieces.length > 1) pieces.push(comma)
    pieces.push(chunk.slice(first, last))
  }
  pieces.push(Buffer.from(`],"nextOffset":${nextOffset},"hasMore":${hasMore},"count":${count}}`))
  return Buffer.concat(pieces)
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.5. JSON has no line break to care for. */
function eventStreamOf(runs: readonly Run[]): Buffer {
  const pieces: Buffer[] = []
  for (const { chunk, first, last } of runs) {
    for (let offset = first; offset <= last; offset += 1) {
      const { eventType } = chunk.facts(offset)
      pieces.push(
        Buffer.from(`id: ${offset}\nevent: ${eventType}\ndata: `),
        chunk.slice(offset, offset),
        frameEnd
      )
    }
  }
  return Buffer.concat(pieces)
}
