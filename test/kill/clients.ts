import { below, type Random } from '../../adapters/file-system/seeded-random.ts'
import { acknowledgedChanges, isFinal, type Answer } from './answers.ts'
import type { ApiClient } from './api-client.ts'
import type { Auditor } from './auditor.ts'
import type { PlannedRequest, RequestSource } from './requests.ts'

interface Answered {
  readonly request: PlannedRequest
  readonly answer: Answer
}

export interface ClientCounts {
  /** All that was sent, retries too. */
  requests: number
  /** Requests that got their final answer, refusals among them. */
  acknowledged: number
  /** Requests sent again because no answer had come. */
  retried: number
  /** Those of them that had been carried out before the crash. */
  retriedAndReplayed: number
  /** Requests sent again although they had been answered. */
  replayed: number
}

/** The clients of the service: several connections, each with one request at a time, and what all of them were told. */
export class Clients {
  readonly counts: ClientCounts = {
    requests: 0,
    acknowledged: 0,
    retried: 0,
    retriedAndReplayed: 0,
    replayed: 0
  }
  /** Answers that differ from the one first given. */
  readonly differences: string[] = []
  readonly #source: RequestSource
  readonly #auditor: Auditor
  readonly #connections: number
  readonly #answered: Answered[] = []
  readonly #unanswered: PlannedRequest[] = []

  constructor(source: RequestSource, auditor: Auditor, connections: number) {
    this.#source = source
    this.#auditor = auditor
    this.#connections = connections
  }

  /** Sends without end, what is unanswered first; resolves when the server is gone. `onAnswer` is told of each answer. */
  async load(client: ApiClient, onAnswer: () => void): Promise<void> {
    await this.#onAllConnections(async () => {
      for (;;) {
        const retried = this.#unanswered.shift()
        if (!(await this.#send(client, retried ?? this.#source.next(), retried !== undefined))) return
        onAnswer()
      }
    })
  }

  /** Sends again whatever was not answered, under the same keys. Rejects where the server is gone. */
  async retryUnanswered(client: ApiClient): Promise<void> {
    await this.#onAllConnections(async () => {
      for (
        let request = this.#unanswered.shift();
        request !== undefined;
        request = this.#unanswered.shift()
      ) {
        if (!(await this.#send(client, request, true)))
          throw new Error('the server is gone, nobody killed it')
      }
    })
  }

  /** Sends again the newest and some older requests that were answered: the answers must be the same, word for word. */
  async replaySome(client: ApiClient, count: number, random: Random): Promise<void> {
    const chosen = new Set(this.#answered.slice(-count))
    for (let index = 0; index < count && this.#answered.length > 0; index += 1) {
      chosen.add(this.#answered[below(this.#answered.length, random)] as Answered)
    }
    const waiting = [...chosen]
    await this.#onAllConnections(async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await this.#replay(client, next)
    })
  }

  async #replay(client: ApiClient, { request, answer: first }: Answered): Promise<void> {
    const again = await client.send(request)
    this.counts.requests += 1
    this.counts.replayed += 1
    // Lines with keys of their own are replayed one by one: there is no key that the header could speak of.
    const expected = { ...first, replayed: request.key !== undefined }
    if (JSON.stringify(again) === JSON.stringify(expected)) return
    const text = `${JSON.stringify(expected)} and then ${JSON.stringify(again)}`
    this.differences.push(`${request.key ?? request.body} was answered ${text}`)
  }

  /** Returns whether an answer came. */
  async #send(client: ApiClient, request: PlannedRequest, isRetry: boolean): Promise<boolean> {
    this.counts.requests += 1
    if (isRetry) this.counts.retried += 1
    let answer: Answer
    try {
      answer = await client.send(request)
    } catch {
      this.#unanswered.push(request)
      return false
    }
    if (!isFinal(answer)) throw new Error(`${request.path} answered ${answer.status}: ${answer.body}`)
    if (isRetry && answer.replayed) this.counts.retriedAndReplayed += 1
    this.counts.acknowledged += 1
    this.#answered.push({ request, answer })
    for (const change of acknowledgedChanges(request, answer)) {
      this.#auditor.acknowledge(change)
      const { storeId, sku, reservationId } = change
      if (reservationId !== undefined) this.#source.addReservation({ storeId, sku, id: reservationId })
    }
    return true
  }

  async #onAllConnections(work: () => Promise<void>): Promise<void> {
    await Promise.all(Array.from({ length: this.#connections }, work))
  }
}
