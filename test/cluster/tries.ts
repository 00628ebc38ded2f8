import { below, type Random } from '../../adapters/file-system/seeded-random.ts'
import { acknowledgedChanges, isFinal, type Answer } from '../kill/answers.ts'
import type { ApiClient } from '../kill/api-client.ts'
import type { Auditor } from '../kill/auditor.ts'
import type { PlannedRequest, RequestSource } from '../kill/requests.ts'
import type { ObservedOrder } from './observed-order.ts'

export interface TriesOptions {
  /** Ways to the one ledger, each by another process or another connection; any may be gone at any time. */
  readonly ways: () => readonly ApiClient[]
  readonly source: RequestSource
  readonly auditor: Auditor
  readonly order: ObservedOrder
  readonly random: Random
  /** Waits before something is tried again that got no answer. */
  readonly pause: () => Promise<void>
}

export interface TriesCounts {
  /** Requests that got their final answer. */
  answered: number
  /** Tries that got none. */
  unanswered: number
  /** Requests of which two tries were on their way at once, by different ways. */
  doubled: number
  reads: number
}

/**
 * Clients that care for nothing but an answer: what gets none is tried again by whatever way, under the same key, and now
 * and then two tries are made at once. All that is answered is told to the auditor and to the order of what was observed.
 */
export class Tries {
  readonly counts: TriesCounts = { answered: 0, unanswered: 0, doubled: 0, reads: 0 }
  /** Answers to one request that differ. */
  readonly differences: string[] = []
  readonly #options: TriesOptions
  readonly #feed: string[] = []

  constructor(options: TriesOptions) {
    this.#options = options
  }

  /** So many clients at once, each with one request after the other, until it is over. Rejects at an answer that is none. */
  async load(clientCount: number, isOver: () => boolean): Promise<void> {
    const client = async (): Promise<void> => {
      while (!isOver()) {
        if (below(3, this.#options.random) === 0) await this.#read()
        else await this.#change(this.#options.source.next())
      }
    }
    await Promise.all(Array.from({ length: clientCount }, client))
  }

  /** All events, as one process tells them; notes where that is not what another one has told. */
  async readFeed(client: ApiClient): Promise<readonly string[]> {
    const events = await client.feed()
    for (const [index, event] of events.entries()) {
      const known = (this.#feed[index] ??= event)
      if (known !== event) this.differences.push(`event ${index + 1} was ${known} and then ${event}`)
    }
    return events
  }

  async #change(request: PlannedRequest): Promise<void> {
    const { order, random, source, auditor } = this.#options
    const asked = order.tick()
    const tries = below(5, random) === 0 ? 2 : 1
    if (tries === 2) this.counts.doubled += 1
    const answers = await Promise.all(Array.from({ length: tries }, () => this.#answer(request)))
    const span = { asked, answered: order.tick() }
    const [first, second] = answers
    if (first === undefined) throw new Error('no try was made')
    if (second !== undefined && inShort(first) !== inShort(second)) {
      this.differences.push(`${request.body} was answered ${inShort(first)} and ${inShort(second)}`)
    }
    if (second !== undefined && request.key !== undefined && !first.replayed && !second.replayed) {
      this.differences.push(`both tries of ${request.key} were answered as the first`)
    }
    this.counts.answered += 1
    for (const change of acknowledgedChanges(request, first)) {
      auditor.acknowledge(change)
      order.changed(change, change.version, span)
      const { storeId, sku, reservationId } = change
      if (reservationId !== undefined) source.addReservation({ storeId, sku, id: reservationId })
    }
  }

  async #answer(request: PlannedRequest): Promise<Answer> {
    return await this.#until(async (client) => {
      const answer = await client.send(request)
      if (!isFinal(answer))
        throw new WrongAnswerError(`${request.path} answered ${answer.status}: ${answer.body}`)
      return answer
    })
  }

  async #read(): Promise<void> {
    const { order, random } = this.#options
    const name = order.records[below(Math.max(1, order.records.length), random)]
    if (name === undefined) return await this.#change(this.#options.source.next())
    const [storeId, sku] = JSON.parse(name) as [string, string]
    // Only the try that was answered says anything.
    const [record, span] = await this.#until(async (client) => {
      const asked = order.tick()
      const found = await client.record(storeId, sku)
      return [found, { asked, answered: order.tick() }] as const
    })
    this.counts.reads += 1
    if (record === undefined) this.differences.push(`${name} was there and is not`)
    else order.read(record, span)
  }

  async #until<Value>(call: (client: ApiClient) => Promise<Value>): Promise<Value> {
    const { ways, random, pause } = this.#options
    for (;;) {
      const open = ways()
      const way = open[below(Math.max(1, open.length), random)]
      try {
        if (way !== undefined) return await call(way)
      } catch (error) {
        if (error instanceof WrongAnswerError) throw error
        this.counts.unanswered += 1
      }
      await pause()
    }
  }
}

/** An answer came, and it is none that a client should get. */
class WrongAnswerError extends Error {}

function inShort({ status, body, etag }: Answer): string {
  return JSON.stringify([status, body, etag])
}
