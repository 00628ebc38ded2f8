import { MalformedIdempotencyKeyError } from './errors.ts'

/** A JSON Schema pattern of what a key may be: 1 to 255 visible ASCII characters. */
export const idempotencyKeyPattern = '^[\\x21-\\x7e]{1,255}$'

const wellFormed = new RegExp(idempotencyKeyPattern)

/** Throws a MalformedIdempotencyKeyError unless the key is 1 to 255 visible ASCII characters. */
export function checkKey(key: string | readonly string[], place: 'header' | 'body'): asserts key is string {
  if (typeof key !== 'string' || !wellFormed.test(key)) throw new MalformedIdempotencyKeyError(place)
}
