import assert from 'node:assert/strict'
import type { Answered, ResponseValidation } from '../openapi/response-validation.ts'
import { routedPath, type HttpRequest } from './http-request.ts'
import type { RequestCheck } from './request-check.ts'
import type { RequestKind } from './tally.ts'

const saneRequestId = /^[!-~]{1,128}$/
/** What Node or Fastify may find wrong before any operation is asked. */
const beforeRouting = new Set([400, 431])

/** Looks whether an answer is one that the document allows. */
export class AnswerCheck {
  readonly #validation: ResponseValidation
  readonly #requests: RequestCheck

  constructor(validation: ResponseValidation, requests: RequestCheck) {
    this.#validation = validation
    this.#requests = requests
  }

  /** Throws where the request must not be answered like this, whatever was wrong with it. */
  check(request: HttpRequest, answer: Answered, kind: RequestKind): void {
    const { statusCode, headers, body } = answer
    assert.ok(statusCode < 500, `the answer is ${statusCode}`)
    if (statusCode < 300 && kind !== 'malformed') this.#requests.check(request)
    const isConnections = kind === 'malformed' ? statusCode >= 400 : beforeRouting.has(statusCode)
    assert.match(String(headers['x-request-id']), saneRequestId, 'x-request-id')
    if (!isConnections) requireOwnId(request, headers['x-request-id'])
    // HEAD is GET without the body (RFC 9110, section 9.3.2): no document speaks of it.
    if (request.method === 'HEAD' && body === '') return
    try {
      this.#validation.check(request.method, routedPath(request.path), answer)
    } catch (error) {
      if (!isConnections) throw error
      this.#validation.check(request.method, '/what/no/operation/has', answer)
    }
  }
}

/** Throws unless the answer has the id that the request has, if it has one that is sane. */
function requireOwnId({ headers }: HttpRequest, answered: unknown): void {
  const given = headers.filter(([name]) => name.toLowerCase() === 'x-request-id').map(([, value]) => value)
  if (given.length !== 1 || !saneRequestId.test(given[0] ?? '')) return
  assert.equal(answered, given[0], 'x-request-id is not the one that was sent')
}
