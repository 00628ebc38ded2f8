import { hash } from 'node:crypto'

/** What is leased: a name, and the space within which it is one thing. For stock: the SKU and its store. */
export interface LeaseKey {
  readonly space: string
  readonly name: string
}

/** The same for the same key only, and safe as a file name whatever is in it. */
export function digestOf({ space, name }: LeaseKey): string {
  return hash('sha256', JSON.stringify([space, name]), 'hex')
}

/** The name as a header can carry it: percent-encoded, what is no letter, no digit and none of `-_.!~*'()`. */
export function headerText(name: string): string {
  // Through UTF-8, which has no half of a surrogate pair: encodeURIComponent would throw at one.
  return encodeURIComponent(Buffer.from(name).toString())
}
