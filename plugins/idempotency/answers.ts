import { buffer } from 'node:stream/consumers'
import type { ReadableStream } from 'node:stream/web'

import type { FastifyReply } from 'fastify'

import type { RememberedAnswer } from './store.ts'

const rememberedHeaders = ['content-type', 'etag', 'location'] as const

/**
 * Whether an answer is final, so that a retry must get it again: success, and refusals that speak of the state of
 * things. Those that say "not like this" (400, 401, 403) or "not now" (429, 5xx) may be tried again.
 */
export function isFinal(status: number): boolean {
  if (status >= 200 && status < 400) return true
  return status === 404 || status === 409 || status === 410 || status === 412 || status === 422
}

/** A web Response taken apart as Fastify itself does later; every other payload as it is. */
export function unwrapped(reply: FastifyReply, payload: unknown): unknown {
  if (!(payload instanceof Response)) return payload
  reply.code(payload.status)
  for (const [name, value] of payload.headers) reply.header(name, value)
  return payload.body
}

/** The answer that is about to be sent. A stream is read to its end. */
export async function answerOf(reply: FastifyReply, payload: unknown): Promise<RememberedAnswer> {
  const headers: Record<string, string> = {}
  for (const name of rememberedHeaders) {
    const value = reply.getHeader(name)
    if (value !== undefined) headers[name] = String(value)
  }
  return { status: reply.statusCode, headers, body: await bytesOf(payload) }
}

/** Sends a remembered answer again and says so. */
export function replay(reply: FastifyReply, { status, headers, body }: RememberedAnswer): void {
  reply.code(status).headers(headers).idempotencyReplayed()
  if (body === null) reply.send()
  else reply.send(body)
}

async function bytesOf(payload: unknown): Promise<Buffer | null> {
  if (payload === undefined || payload === null) return null
  if (typeof payload === 'string') return Buffer.from(payload)
  if (Buffer.isBuffer(payload)) return payload
  return buffer(payload as NodeJS.ReadableStream | ReadableStream)
}
