import assert from 'node:assert/strict'
import type { Answered } from '../openapi/response-validation.ts'
import { headerOf, type HttpRequest } from './http-request.ts'

const remembered = new Set([200, 404, 409, 412, 422])

/** The last valid request with an idempotency key, and that its repetition is answered with the same again. */
export class Repetition<Attempt extends { readonly request: HttpRequest }> {
  readonly #keptMs: number
  #last: Attempt | undefined
  #answer: Answered | undefined
  #until = 0

  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  /** What can be sent again. */
  get last(): Attempt | undefined {
    return this.#last
  }

  /** Takes note of a valid request and its answer at the instant `now`. */
  note(attempt: Attempt, answer: Answered | undefined, now: number): void {
    if (headerOf(attempt.request, 'Idempotency-Key') === undefined) return
    if (answer === undefined || !remembered.has(answer.statusCode)) return
    if (isOwnMistake(answer.body)) return
    this.#last = attempt
    this.#answer = answer
    this.#until = now + this.#keptMs
  }

  /** Throws unless the answer to the same request is the same, and says so. */
  check(answer: Answered | undefined, now: number): void {
    if (now >= this.#until) return
    assert.deepEqual(factsOf(answer), factsOf(this.#answer), 'the repetition is answered differently')
    assert.equal(answer?.headers['idempotency-replayed'], 'true', 'the repetition is not said to be one')
  }
}

/** Whether all that is answered is that the request was wrong in itself: it may be sent again, corrected, under its key. */
function isOwnMistake(body: string): boolean {
  const { results } = JSON.parse(body) as { results?: unknown[] }
  return /idempotency_conflict/i.test(body) || (results?.length === 1 && /validation_error/i.test(body))
}

function factsOf(answer: Answered | undefined): object {
  return { statusCode: answer?.statusCode, etag: answer?.headers['etag'], body: answer?.body }
}
