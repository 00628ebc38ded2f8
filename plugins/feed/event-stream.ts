import { Readable } from 'node:stream'
import { LedgerError } from '../../domain/ledger.ts'
import type { Asking } from './ask.ts'
import type { FeedPage } from './page.ts'

const EVENTS_PER_PUSH = 256
/** Beyond this, and what the system holds for the connection, nothing is read for a client that does not read. */
const BUFFERED_BYTES_MAX = 64 * 1024

export interface EventStreamOptions {
  readonly offset: number
  /** Asks for the next events; an answer without any is a sign of life. The returned function forgets the ask. */
  readonly ask: (offset: number, limit: number, asking: Asking) => () => void
  /** Whether a stream without events ends. */
  readonly isOver: () => boolean
}

/** The feed as Server-Sent Events: asks for events only when the client has taken those before. */
export class EventStream extends Readable {
  readonly #options: EventStreamOptions
  #offset: number
  #isAsking = false
  #forget: (() => void) | undefined

  constructor(options: EventStreamOptions) {
    super({ highWaterMark: BUFFERED_BYTES_MAX })
    this.#options = options
    this.#offset = options.offset
    // The client learns that the stream has begun, however long the first event takes.
    this.push(`: from offset ${options.offset}\n\n`)
  }

  /** Ends it with what was pushed. */
  end(): void {
    this.#forget?.()
    if (!this.readableEnded) this.push(null)
  }

  override _read(): void {
    if (!this.#isAsking) this.#ask()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#forget?.()
    callback(error)
  }

  #ask(): void {
    let isAnswered = false
    this.#isAsking = true
    const forget = this.#options.ask(this.#offset, EVENTS_PER_PUSH, {
      answer: (page) => {
        isAnswered = true
        this.#take(page)
      },
      fail: (reason) => {
        isAnswered = true
        this.#fail(reason)
      }
    })
    // An answer that came at once may have led to another ask already.
    if (!isAnswered) this.#forget = forget
  }

  #take({ body, count, nextOffset, hasMore }: FeedPage): void {
    this.#isAsking = false
    this.#offset = nextOffset
    if (count > 0) this.push(body)
    else if (hasMore) this.#ask()
    else this.push(this.#options.isOver() ? null : ': alive\n\n')
  }

  /** Retention has overtaken it, or the ledger is closed: a client that comes again is told. */
  #fail(reason: unknown): void {
    this.#isAsking = false
    if (reason instanceof LedgerError) this.push(null)
    else this.destroy(reason instanceof Error ? reason : new Error(String(reason)))
  }
}
