import { UsageError } from './failures.ts'

/** A whole number between two bounds; `fallback` where the flag was left out. */
export function integer(
  flag: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most: number
): number {
  if (value === undefined) return fallback
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new UsageError(`${flag} is a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`)
  }
  return number
}

/** A text that is not empty, or undefined where the flag was left out. */
export function text(flag: string, value: string | undefined): string | undefined {
  if (value === '') throw new UsageError(`${flag} must not be empty`)
  return value
}

/** The value of a secret, checked without ever being shown: 1 to 256 visible ASCII characters. */
export function secret(variable: string, value: string): string {
  if (!/^[\x21-\x7e]{1,256}$/.test(value)) {
    throw new UsageError(`${variable} must be 1 to 256 visible ASCII characters without spaces`)
  }
  return value
}

/** The beginning of every key; a hyphen and the row number follow it, and the whole fits into 255 characters. */
export function prefix(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  if (!/^[\x21-\x7e]{1,200}$/.test(value)) {
    throw new UsageError(`${flag} must be 1 to 200 visible ASCII characters, got ${JSON.stringify(value)}`)
  }
  return value
}

/** An http or https address without credentials, query or fragment, its path ending in a slash. */
export function serviceUrl(flag: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`${flag} must be an http or https address, got ${JSON.stringify(value)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`${flag} must not carry a user or password: keys go in BINCARD_API_KEY`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(`${flag} must not have a query or a fragment, got ${JSON.stringify(value)}`)
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
