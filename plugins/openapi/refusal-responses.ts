import type { ErrorStatus, Refusal } from './documentation.ts'
import { errorComponent } from './error-responses.ts'

interface Response {
  readonly headers: Record<string, unknown>
  readonly content: Record<string, Record<string, unknown>>
}

/**
 * The response of a status with which an operation answers either that it refused what was asked, with a result of its
 * own form, or an error.
 */
export function refusalResponse(status: ErrorStatus, { schema, example }: Refusal): Response {
  const error = errorComponent(status)
  const json = error.content['application/json']
  const anyOf = [{ $ref: `#/components/schemas/${schema}` }, json?.['schema']]
  const examples = {
    refused: { summary: 'refused', value: example },
    error: { summary: 'error', value: json?.['example'] }
  }
  const replayed = { $ref: '#/components/headers/Idempotency-Replayed' }
  return {
    ...error,
    headers: { ...error.headers, 'Idempotency-Replayed': replayed },
    content: { ...error.content, 'application/json': { schema: { anyOf }, examples } }
  }
}
