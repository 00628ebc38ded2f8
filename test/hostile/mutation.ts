import fc, { type Arbitrary } from 'fast-check'
import type { HttpRequest } from './http-request.ts'

/** One thing that is wrong with a request, or at least not asked for. */
export interface Mutation {
  readonly name: string
  apply(request: HttpRequest): void
}

/** A mutation of the name for each value of the arbitrary. */
export function mutations<Value>(
  name: string,
  values: Arbitrary<Value>,
  apply: (request: HttpRequest, value: Value) => void
): Arbitrary<Mutation> {
  return values.map((value) => ({
    name,
    apply: (request) => apply(request, value),
    [fc.toStringMethod]: () => name
  }))
}
