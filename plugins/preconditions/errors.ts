/** A precondition that cannot be understood, or two that contradict each other. */
export class MalformedPreconditionError extends Error {
  override readonly name = 'MalformedPreconditionError'
  readonly code = 'MALFORMED_PRECONDITION'
  readonly statusCode = 400
  readonly details: readonly { readonly in: string; readonly field: string; readonly reason: string }[]

  constructor(place: 'header' | 'body', field: string, reason: string) {
    super(`${field}: ${reason}`)
    this.details = [{ in: place, field, reason }]
  }
}

/** What was asked for and what is: versions, `*` for any existing one, 0 for none. */
export interface FailedExpectation {
  readonly expected: number | readonly number[] | '*'
  readonly actual: number
}

/** A precondition that does not hold (RFC 9110, section 15.5.13); some applications answer it with 409. */
export class PreconditionFailedError extends Error {
  override readonly name = 'PreconditionFailedError'
  readonly code = 'PRECONDITION_FAILED'
  readonly statusCode: 409 | 412
  readonly details: FailedExpectation

  constructor(statusCode: 409 | 412, details: FailedExpectation) {
    super(`The precondition does not hold: expected ${expectationText(details)}, actual ${details.actual}`)
    this.statusCode = statusCode
    this.details = details
  }
}

function expectationText({ expected }: FailedExpectation): string {
  if (expected === '*') return 'any existing version'
  if (typeof expected === 'number') return expected === 0 ? 'none to exist' : `version ${expected}`
  return expected.length === 0 ? 'a version that never is' : `one of the versions ${expected.join(', ')}`
}
