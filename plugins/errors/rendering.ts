import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

import type { ApiError } from './api-error.ts'
import { problemType } from './error-kinds.ts'

const jsonType = 'application/json'
const problemMediaType = 'application/problem+json'
const offered = [jsonType, problemMediaType]

/** Answers with the error: the envelope, or a problem document where the client prefers that. */
export function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply, now: number): void {
  const timestamp = new Date(error.at ?? now).toISOString()
  reply.code(error.statusCode)
  if (error.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))))
  }
  varyByAccept(reply)
  // Serialized here, as the route's response schema for the status knows one of the two forms at most.
  if (prefersProblem(request.headers.accept)) {
    // Bytes, as Fastify would add a charset to a text, which this media type does not have.
    reply.type(problemMediaType).send(Buffer.from(JSON.stringify(problemOf(error, timestamp))))
  } else {
    reply.type('application/json; charset=utf-8').send(JSON.stringify(envelopeOf(error, timestamp)))
  }
}

/** Whether the client would rather have RFC 9457 problem details than plain JSON (RFC 9110, section 12.5.1). */
export function prefersProblem(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*' || accept === jsonType) return false
  return new Negotiator({ headers: { accept } }).mediaType(offered) === problemMediaType
}

function envelopeOf(error: ApiError, timestamp: string): object {
  const { name, message, code, statusCode, details } = error
  return { success: false, error: { name, message, code, statusCode, timestamp, details } }
}

function problemOf(error: ApiError, timestamp: string): object {
  const { kind, name, message, code, statusCode, details } = error
  const type = problemType(name)
  return { type, title: kind.title, status: statusCode, detail: message, code, name, timestamp, details }
}

function varyByAccept(reply: FastifyReply): void {
  const vary = reply.getHeader('vary')
  if (vary === undefined) {
    reply.header('vary', 'Accept')
    return
  }
  const names = String(vary)
  if (!/(^|,)\s*(\*|accept)\s*(,|$)/i.test(names)) reply.header('vary', `${names}, Accept`)
}
