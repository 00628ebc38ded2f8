/** What the OpenAPI document says of an operation beyond its schemas. */
export interface OperationDocumentation {
  readonly requestHeaders?: readonly RequestHeader[]
  /** Headers of the success besides `x-request-id`. */
  readonly responseHeaders?: readonly ResponseHeader[]
  readonly requestExamples?: Examples
  /** Of the response 200. */
  readonly responseExamples?: Examples
  /** Statuses that are answered with an error, besides those about keys. */
  readonly errors: readonly ErrorStatus[]
  /** A result of its own form that some of the statuses answer as well. */
  readonly refusal?: Refusal
  /** Whether 304 is answered to a matching If-None-Match. */
  readonly notModified?: boolean
}

export interface Refusal {
  /** The `$id` of its schema. */
  readonly schema: string
  readonly statuses: readonly ErrorStatus[]
  readonly example: object
}

export type RequestHeader = 'Idempotency-Key' | 'If-Match' | 'If-None-Match' | 'Last-Event-ID'
export type ResponseHeader = 'ETag' | 'Idempotency-Replayed'
export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 410 | 412 | 413 | 415 | 422 | 429 | 500 | 503

/** By name, as a reader of the document picks them. */
export type Examples = Readonly<Record<string, object>>

declare module 'fastify' {
  interface FastifySchema {
    documentation?: OperationDocumentation
  }
}
