import type { Deadlines, Expiring } from './deadlines.ts'
import type { Job, LoopShare } from './loop-share.ts'
import type { FeedPage } from './page.ts'
import type { FormedQuery, PageReader } from './page-reader.ts'
import type { Waiting, WaitingRoom } from './waiting-room.ts'

export interface Asking {
  answer(page: FeedPage): void
  fail(reason: unknown): void
}

export interface AskParts {
  readonly pages: PageReader
  readonly share: LoopShare
  readonly room: WaitingRoom<Ask>
  readonly deadlines: Deadlines
  /** Whether nobody waits any more. */
  readonly isClosing: () => boolean
}

/** One who asks for a page, until it is answered or leaves. */
export class Ask implements Job, Waiting, Expiring {
  readonly #parts: AskParts
  readonly #asking: Asking
  #query: FormedQuery
  /** How long an answer without events may wait, in milliseconds. */
  #waitMs: number
  #isTimed = false
  #isOver = false
  /** The newest offset, as it was no earlier than when the ask came; undefined while that is not known. */
  #until: number | undefined
  #prepared: FeedPage | undefined

  constructor(parts: AskParts, asking: Asking, query: FormedQuery, waitMs: number) {
    this.#parts = parts
    this.#asking = asking
    this.#query = query
    this.#waitMs = waitMs
    if (this.#mayWait && query.offset > parts.pages.end) this.#wait()
    else parts.share.add(this)
  }

  get awaits(): number {
    return this.#query.offset
  }

  /** Forgets it, wherever it stands. */
  cancel(): void {
    this.#isOver = true
    const { room, share, deadlines } = this.#parts
    share.remove(this)
    deadlines.remove(this)
    room.remove(this)
  }

  /** What it waited for has come; the newest offset is `until`. */
  land(until: number): void {
    this.#until = until
  }

  /** The time to wait is over: answers with what there is. */
  expire(): void {
    const { pages, room, share } = this.#parts
    this.#waitMs = 0
    this.#until ??= pages.end
    room.remove(this)
    share.add(this)
  }

  fail(reason: unknown): void {
    if (this.#isOver) return
    this.cancel()
    this.#asking.fail(reason)
  }

  run(): void {
    if (this.#isOver) return
    try {
      const { pages } = this.#parts
      const page = this.#prepared ?? pages.ready(this.#query, this.#until)
      this.#prepared = undefined
      if (page !== undefined) this.#take(page)
      else if (this.#until === undefined && this.#mayWait && !pages.covers(this.#query)) void this.#join()
      else void this.#prepare()
    } catch (error) {
      this.fail(error)
    }
  }

  get #mayWait(): boolean {
    return this.#waitMs > 0 && !this.#parts.isClosing()
  }

  #wait(): void {
    const { room, deadlines } = this.#parts
    if (!this.#isTimed) deadlines.add(this, this.#waitMs)
    this.#isTimed = true
    this.#until = undefined
    room.add(this)
  }

  /** Joins those who wait, as what it gets comes to the end of the log, and is then the same for all of them. */
  async #join(): Promise<void> {
    try {
      await this.#parts.pages.lookForEnd()
      if (this.#isOver) return
      if (this.#mayWait) this.#wait()
      else this.#parts.share.add(this)
    } catch (error) {
      this.fail(error)
    }
  }

  async #prepare(): Promise<void> {
    const { pages, share } = this.#parts
    try {
      const page = await pages.prepare(this.#query, this.#until)
      if (this.#isOver) return
      this.#prepared = page
      share.add(this)
    } catch (error) {
      this.fail(error)
    }
  }

  #take(page: FeedPage): void {
    if (page.count > 0 || page.isFull || !this.#mayWait) {
      this.cancel()
      this.#asking.answer(page)
      return
    }
    // What a filter has left out is not looked at again.
    this.#query = { ...this.#query, offset: page.nextOffset }
    this.#wait()
  }
}
