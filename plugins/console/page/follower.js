import { read, Refused } from './api.js'
import { follow } from './feed.js'

const pageSkus = 1000
const eventsBefore = 50
const retryMsMin = 1000
const retryMsMax = 30_000
const steadyMs = 5000

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Keeps the board as the ledger is: loads the central model, then follows the feed from the event that the model
 * stands at, and goes on after the last event when the connection was lost. Only where the feed no longer has what
 * comes next is the model loaded again.
 */
export class Follower {
  #board
  #on
  #isLoaded = false
  #liveFrom = 1
  #next = 1
  #retryMs = retryMsMin
  #abort = new AbortController()

  /** `on` is told: state(name, text), reset(), events(list, isNews), and asked: key(isRefused), which resolves. */
  constructor(board, on) {
    this.#board = board
    this.#on = on
  }

  /** Lets go of the connection: with another key all begins again. */
  restart() {
    this.#isLoaded = false
    this.#abort.abort()
  }

  /** Never ends. */
  async run() {
    for (;;) {
      this.#abort = new AbortController()
      const startedMs = performance.now()
      try {
        if (!this.#isLoaded) await this.#load()
        await this.#follow()
        this.#on.state('lost', 'Connection closed, trying again')
        await this.#pause(startedMs)
      } catch (error) {
        await this.#recover(error, startedMs)
      }
    }
  }

  async #load() {
    this.#on.state('waiting', 'Loading')
    const { signal } = this.#abort
    this.#board.clear()
    this.#on.reset()
    let cursor
    let sequence
    do {
      const at = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = await read(`api/central/inventory?limit=${pageSkus}${at}`, { signal })
      // Later pages may stand at later events. From the first one on none is missed, and none counts twice.
      sequence ??= page.sequence
      for (const item of page.items) this.#board.load(item, page.sequence)
      cursor = page.nextCursor
    } while (cursor !== undefined && !this.#board.isFull)
    if (cursor !== undefined) this.#board.isPartial = true
    this.#liveFrom = sequence + 1
    this.#next = Math.max(1, this.#liveFrom - eventsBefore)
    this.#isLoaded = true
    this.#on.loaded()
  }

  async #follow() {
    await follow(this.#next, {
      signal: this.#abort.signal,
      onOpen: () => this.#on.state('live', 'Live'),
      onEvents: (events) => {
        this.#next = events.at(-1).offset + 1
        // What came before the model is shown among the events, but says nothing new of the stock.
        const news = events.filter(({ offset }) => offset >= this.#liveFrom)
        for (const event of news) this.#board.apply(event)
        this.#on.events(events, news.length)
      }
    })
  }

  async #recover(error, startedMs) {
    if (!(error instanceof Refused)) {
      // What was asked to stop has not failed.
      if (error.name === 'AbortError' && !this.#isLoaded) return
      this.#on.state('lost', 'Connection lost, trying again')
      await this.#pause(startedMs)
    } else if (error.status === 401) {
      this.#on.state('lost', 'An API key is needed')
      await this.#on.key()
    } else if (error.status === 410) {
      const { oldestOffset } = error.details
      if (this.#next < this.#liveFrom && oldestOffset <= this.#liveFrom) this.#next = oldestOffset
      else this.#isLoaded = false
      await this.#pause(startedMs)
    } else {
      this.#on.state('lost', `The service answers ${error.status}, trying again`)
      await wait(error.retryAfterMs)
    }
  }

  /** Twice as long each time, until a connection has lasted; browsers of many people do not come back in step. */
  async #pause(startedMs) {
    if (performance.now() - startedMs > steadyMs) this.#retryMs = retryMsMin
    await wait(this.#retryMs * (0.5 + Math.random() / 2))
    this.#retryMs = Math.min(retryMsMax, this.#retryMs * 2)
  }
}
