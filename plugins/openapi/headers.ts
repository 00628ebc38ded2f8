import type { RequestHeader } from './documentation.ts'

/** Headers of answers, as components of the document. */
export const responseHeaders = {
  'x-request-id': {
    description:
      "The caller's own x-request-id, if it sent 1 to 128 visible ASCII characters, else a new UUID.",
    required: true,
    schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
    example: '9f0c2a4e-53c1-4b7e-9d8b-0c5f6a1e2d34'
  },
  ETag: {
    description: 'The version of the record, a strong entity tag.',
    required: true,
    schema: { type: 'string', pattern: '^"[1-9][0-9]*"$' },
    example: '"2"'
  },
  'Idempotency-Replayed': {
    description: 'true where this is the answer first given to the same Idempotency-Key, left out otherwise.',
    schema: { type: 'string', enum: ['true'] },
    example: 'true'
  },
  'Retry-After': {
    description: 'Whole seconds after which a retry makes sense.',
    required: true,
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
    example: '1'
  },
  'X-Lock-Key': {
    description:
      'The SKU whose lease another request holds, percent-encoded as in a path; left out where leases are not the reason.',
    schema: { type: 'string', pattern: "^([A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2})+$" },
    example: 'SKU123'
  },
  'WWW-Authenticate': {
    description: 'Names the header that the key is to come in (RFC 9110, section 11.6.1).',
    required: true,
    schema: { type: 'string', pattern: '^ApiKey .+$' },
    example: 'ApiKey realm="Bincard", header="X-API-Key"'
  },
  'X-RateLimit-Limit': {
    description: 'How many requests the limit allows; left out where requests are not limited.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
    example: '100'
  },
  'X-RateLimit-Remaining': {
    description: 'How many more requests it allows now.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '99'
  },
  'X-RateLimit-Reset': {
    description: 'Whole seconds until X-RateLimit-Remaining grows; with status 429 the same as Retry-After.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
    example: '60'
  }
} as const

/** The headers of every answer to a request that a limit counts, or refuses. */
export const rateLimitHeaders = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'] as const

const entityTags = '(\\*|(W/)?"[!#-~\\u0080-\\u00ff]*"([ \\t]*,[ \\t]*(W/)?"[!#-~\\u0080-\\u00ff]*")*)'

/**
 * Headers of requests, as components of the document. They have no examples: Swagger UI would send those unasked, and
 * no request means all of them at once.
 */
export const requestHeaders: Record<RequestHeader, object> = {
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes a retry safe: the same key with the same request gets the first answer again, with another request 409. ' +
      'Successes and refusals (404, 409, 412, 422) are remembered, other errors are not.',
    schema: { type: 'string', pattern: '^[!-~]{1,255}$' }
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    description:
      'Only if the record has one of these versions, such as "1", * for any; a weak tag never matches (RFC 9110).',
    schema: { type: 'string', pattern: `^${entityTags}$` }
  },
  'If-None-Match': {
    name: 'If-None-Match',
    in: 'header',
    description:
      'On a read: 304 if the record has one of these versions. On a write, only *: create, never change.',
    schema: { type: 'string', pattern: `^${entityTags}$` }
  },
  'Last-Event-ID': {
    name: 'Last-Event-ID',
    in: 'header',
    description:
      'Of Server-Sent Events only: the id of the last event that came; the stream goes on after it, whatever offset says.',
    schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,15})$' }
  }
}
