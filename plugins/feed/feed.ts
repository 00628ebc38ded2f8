import type { Readable } from 'node:stream'
import type { Ledger } from '../../domain/ledger.ts'
import { Admission, type AdmissionLimits } from './admission.ts'
import { Ask, type Asking, type AskParts } from './ask.ts'
import { Deadlines } from './deadlines.ts'
import { EventStream } from './event-stream.ts'
import { LoopShare } from './loop-share.ts'
import type { FeedPage } from './page.ts'
import { PageReader } from './page-reader.ts'
import type { FeedFilter, FeedQuery } from './query.ts'
import type { Time } from './time.ts'
import { WaitingRoom } from './waiting-room.ts'
import { WritePace } from './write-pace.ts'

export interface FeedOptions {
  readonly ledger: Ledger
  readonly time: Time
  /** How often a stream on which nothing happens shows that it is alive. */
  readonly heartbeatMs: number
  /** How many may wait at once. */
  readonly limits: AdmissionLimits
}

/** What an answer goes out on; it says when it is closed. */
export interface Connection {
  /** Whether it was closed already. */
  readonly destroyed: boolean
  once(event: 'close', listener: () => void): unknown
}

export interface PageQuery extends FeedQuery {
  /** How long to wait for an event where there is none, in milliseconds. */
  readonly waitMs: number
}

/** Closing waits no longer than this for answers to go out. */
const FLUSH_MS_MAX = 1000

/** The events of the ledger in their order, for any number of readers. */
export class Feed {
  readonly #time: Time
  readonly #parts: AskParts
  readonly #heartbeatMs: number
  readonly #admission: Admission
  readonly #streams = new Set<EventStream>()
  readonly #connections = new Set<Connection>()
  #isClosing = false
  #onFlushed: (() => void) | undefined

  constructor({ ledger, time, heartbeatMs, limits }: FeedOptions) {
    this.#admission = new Admission(limits)
    const pace = new WritePace(time, () => ledger.health().sequence)
    const share = new LoopShare({ time, isContended: () => pace.isThick() })
    const onLanded = (asks: readonly Ask[], until: number): void => {
      for (const ask of asks) ask.land(until)
      share.addAll(asks)
    }
    this.#time = time
    this.#parts = {
      pages: new PageReader({ ledger, time, charge: (milliseconds) => share.charge(milliseconds) }),
      share,
      room: new WaitingRoom({ ledger, time, onLanded }),
      deadlines: new Deadlines(time),
      isClosing: () => this.#isClosing
    }
    this.#heartbeatMs = heartbeatMs
  }

  /** How many wait for an event, streams among them. */
  get waiting(): number {
    return this.#parts.room.size
  }

  /** Whether the waits and the streams were ended, so that whoever comes again should come to another process. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /**
   * Answers with a page: at once where there are events, or where the part of the log that is searched for one page holds
   * none that fits; else with the first events to come, or without any when the time is over or the feed closes. Fails
   * with an EventsGoneError below what is kept. The returned function forgets the one who asks, at once.
   */
  ask({ waitMs, ...query }: PageQuery, asking: Asking): () => void {
    const ask = new Ask(
      this.#parts,
      { fail: (reason) => asking.fail(reason), answer: (page) => this.#answer(query, page, asking) },
      { ...query, form: 'json' },
      waitMs
    )
    return () => ask.cancel()
  }

  /**
   * The events from the offset on as Server-Sent Events, without end. Throws an EventsGoneError where the offset is no
   * longer kept; a stream that retention overtakes ends.
   */
  stream(offset: number, filter: FeedFilter): Readable {
    this.#parts.pages.requireKept(offset)
    const stream = new EventStream({
      offset,
      ask: (next, limit, asking) => {
        const query = { offset: next, limit, filter, form: 'sse' } as const
        const ask = new Ask(this.#parts, asking, query, this.#heartbeatMs)
        return () => ask.cancel()
      },
      isOver: () => this.#isClosing
    })
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
    return stream
  }

  /**
   * Counts one who will wait, or follow a stream, until its connection is closed. Throws the error to answer where there are
   * too many of the client's, or of all.
   */
  admit(client: string, connection: Connection): void {
    if (connection.destroyed) return
    connection.once('close', this.#admission.enter(client))
  }

  /** Lets closing wait until the answer has gone out. */
  attend(connection: Connection): void {
    if (connection.destroyed) return
    this.#connections.add(connection)
    connection.once('close', () => {
      this.#connections.delete(connection)
      if (this.#connections.size === 0) this.#onFlushed?.()
    })
  }

  /**
   * Ends all waits, now and from now on, and all streams. Resolves when the answers have gone out: a server that closes
   * cuts off connections whose answer is complete, though it may still be on its way.
   */
  close(): Promise<void> {
    this.#isClosing = true
    for (const ask of this.#parts.room.empty()) ask.expire()
    this.#parts.share.finish()
    for (const stream of this.#streams) stream.end()
    if (this.#connections.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#time.after(FLUSH_MS_MAX, resolve)
      this.#onFlushed = () => {
        cancel()
        resolve()
      }
    })
  }

  #answer(query: FeedQuery, page: FeedPage, asking: Asking): void {
    asking.answer(page)
    if (page.hasMore && !this.#parts.share.isContended) {
      this.#time.after(0, () => this.#parts.pages.readAhead(query, page))
    }
  }
}
