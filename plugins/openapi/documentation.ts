/** What the OpenAPI document says of an operation beyond its schemas. */
export interface OperationDocumentation {
  readonly requestHeaders?: readonly RequestHeader[]
  /** Headers of the success besides `x-request-id`. */
  readonly responseHeaders?: readonly ResponseHeader[]
  readonly requestExamples?: Examples
  /** Of the response 200. */
  readonly responseExamples?: Examples
  /** Statuses that are answered with an error. */
  readonly errors: readonly ErrorStatus[]
  /** Whether 304 is answered to a matching If-None-Match. */
  readonly notModified?: boolean
}

export type RequestHeader = 'Idempotency-Key' | 'If-Match' | 'If-None-Match'
export type ResponseHeader = 'ETag' | 'Idempotency-Replayed'
export type ErrorStatus = 400 | 404 | 409 | 412 | 413 | 415 | 422 | 500 | 503

/** By name, as a reader of the document picks them. */
export type Examples = Readonly<Record<string, object>>

declare module 'fastify' {
  interface FastifySchema {
    documentation?: OperationDocumentation
  }
}
