import { hash } from 'node:crypto'

import canonicalize from 'canonicalize'
import type { FastifyRequest } from 'fastify'

import { UncanonicalBodyError } from './errors.ts'

/** 16 of the 32 bytes of the SHA-256, in base64url. */
const fingerprintLength = 22
/** What a digest looks like, so that no text passes for the digest of another. */
const digestPattern = /^[\w-]{22}$/
const ownFingerprintLengthMax = 64

/**
 * The fingerprint of a request: method, target, If-Match, If-None-Match and the canonical body (RFC 8785). The
 * target is the operation's name and the path parameters where the route names its operation, so that the
 * operation is the same under every path it has; otherwise the path and query as they were sent.
 * Throws an UncanonicalBodyError.
 */
export function requestFingerprint(request: FastifyRequest, operation: string | undefined): string {
  const { method, headers } = request
  const target = operation === undefined ? request.url : canonical(request.params)
  const head = [method, operation, target, headers['if-match'], headers['if-none-match']]
  return digest(`${JSON.stringify(head)}${bodyText(request.body)}`)
}

/**
 * The fingerprint of one line of a body. The order of an object's fields does not matter, that of an array does; a text
 * is taken as it stands, and is its own fingerprint where it is short, since to digest it would only make it longer.
 */
export function factsFingerprint(facts: unknown): string {
  if (typeof facts !== 'string' || !facts.isWellFormed()) return digest(`line${canonical(facts)}`)
  const isLikeDigest = facts.length === fingerprintLength && digestPattern.test(facts)
  return facts.length <= ownFingerprintLengthMax && !isLikeDigest ? facts : digest(`text${facts}`)
}

function bodyText(body: unknown): string {
  if (body === undefined) return ''
  if (Buffer.isBuffer(body)) return `bytes ${hash('sha256', body, 'hex')}`
  if (isStream(body)) throw new TypeError('An idempotent route cannot take its body as a stream')
  return canonical(body)
}

function canonical(value: unknown): string {
  try {
    return canonicalize(value) ?? ''
  } catch (error) {
    throw new UncanonicalBodyError(error)
  }
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function'
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, fingerprintLength)
}
