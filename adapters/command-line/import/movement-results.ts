/** What the service answered for one movement of a request. */
export interface MovementResult {
  readonly applied: boolean
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly statusCode: number
  }
}

/** The results in a 200 answer to `count` movements; undefined when that is not what the contract says. */
export function movementResults(body: unknown, count: number): readonly MovementResult[] | undefined {
  if (typeof body !== 'object' || body === null || !('results' in body)) return undefined
  const { results } = body
  if (!Array.isArray(results) || results.length !== count) return undefined
  return results.every(isResult) ? results : undefined
}

/** Whether the service could not decide this movement now, though it may decide others. */
export function isToBeSentAgain(result: MovementResult): boolean {
  const statusCode = result.error?.statusCode ?? 0
  return !result.applied && (statusCode === 429 || statusCode >= 500)
}

function isResult(value: unknown): value is MovementResult {
  if (typeof value !== 'object' || value === null || !('applied' in value)) return false
  if (value.applied === true) return true
  if (value.applied !== false || !('error' in value)) return false
  const { error } = value
  if (typeof error !== 'object' || error === null) return false
  return (
    'code' in error &&
    typeof error.code === 'string' &&
    'message' in error &&
    typeof error.message === 'string' &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
  )
}

/**
 * The line of an atomic request that an error envelope names, from 0; undefined where it names none, and so does not
 * speak of the movements.
 */
export function refusedLine(body: unknown): number | undefined {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  const details =
    typeof error === 'object' && error !== null && 'details' in error ? error.details : undefined
  const line = typeof details === 'object' && details !== null && 'line' in details ? details.line : undefined
  return typeof line === 'number' ? line : undefined
}

/** The code of an error envelope. */
export function errorCode(body: unknown): string {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'REFUSED'
}
