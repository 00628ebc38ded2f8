import type { FastifyRequest } from 'fastify'

import { factsFingerprint, requestFingerprint } from './fingerprint.ts'
import { checkKey } from './keys.ts'
import type { IdempotencyIdentity } from './store.ts'

export interface IdentitySettings {
  readonly ttlMs: number
  readonly now: () => number
  readonly scope: (request: FastifyRequest) => string
}

/** What all keys of one request have in common. */
export interface IdempotencyTerm {
  readonly scope: string
  /** Milliseconds since the epoch until which their answers are remembered. */
  readonly until: number
}

/**
 * The identity of a request that carries Idempotency-Key, null without one. Throws a MalformedIdempotencyKeyError
 * or an UncanonicalBodyError.
 */
export function requestIdentity(
  request: FastifyRequest,
  operation: string | undefined,
  settings: IdentitySettings
): IdempotencyIdentity | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  checkKey(key, 'header')
  return identity(request, key, requestFingerprint(request, operation), settings)
}

/** The identity of one line of a body that carries a key of its own. Throws as `requestIdentity` does. */
export function lineIdentity(
  request: FastifyRequest,
  key: string,
  facts: unknown,
  settings: IdentitySettings
): IdempotencyIdentity {
  checkKey(key, 'body')
  return identity(request, key, factsFingerprint(facts), settings)
}

function identity(
  request: FastifyRequest,
  key: string,
  fingerprint: string,
  settings: IdentitySettings
): IdempotencyIdentity {
  const { scope, until } = (request.idempotencyTerm ??= termOf(request, settings))
  // A key holds no space, so that the last one always ends the scope.
  return { key: `${scope} ${key}`, fingerprint, until }
}

function termOf(request: FastifyRequest, { ttlMs, now, scope }: IdentitySettings): IdempotencyTerm {
  return { scope: scope(request), until: now() + ttlMs }
}
