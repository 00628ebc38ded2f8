import type { Addresses } from './addresses.ts'
import type { Pace } from './pace.ts'

/** What came of one request. */
export type Attempt =
  | {
      readonly is: 'answer'
      readonly status: number
      readonly body: unknown
      readonly replayed: boolean
    }
  | {
      readonly is: 'later'
      /** How long the server asked to be left alone, where it did. */
      readonly afterMs: number | undefined
      /** A 429 or 503: it says that it did not carry it out and would do so later. */
      readonly askedToWait: boolean
      /** Whether the server may have carried it out. */
      readonly unsure: boolean
      readonly why: string
    }

/** An answer that takes longer is given up; the request then counts as one that may have been carried out. */
const ANSWER_LIMIT_MS = 60_000

/** Failures after which the request surely never reached a server. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** One HTTP conversation with a Bincard, whatever server of it has its turn; it knows paths and headers, and leaves patience to others. */
export class Client {
  readonly #addresses: Addresses
  readonly #headers: Readonly<Record<string, string>>
  readonly #pace: Pace

  constructor(addresses: Addresses, apiKey: string | undefined, pace: Pace) {
    this.#addresses = addresses
    this.#headers = apiKey === undefined ? {} : { 'x-api-key': apiKey }
    this.#pace = pace
  }

  /** Sends movements, with a key for all of them together where one is given. */
  async postMovements(body: string, key?: string): Promise<Attempt> {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key })
    }
    return await this.#attempt('api/inventory/movements', { method: 'POST', body, headers })
  }

  /** One page of a record's events, newest first. */
  async getEvents(storeId: string, sku: string, cursor: string | undefined): Promise<Attempt> {
    const path = `api/inventory/stores/${segment(storeId)}/inventory/${segment(sku)}/events`
    // What is asked for are the last rows sent, so they are mostly among the newest events.
    const limit = cursor === undefined ? '20' : '1000'
    const query = new URLSearchParams({ limit, ...(cursor === undefined ? {} : { cursor }) })
    return await this.#attempt(`${path}?${query.toString()}`, { method: 'GET' })
  }

  async #attempt(path: string, init: RequestInit): Promise<Attempt> {
    const base = this.#addresses.next()
    try {
      const response = await fetch(new URL(path, base), {
        ...init,
        headers: { ...this.#headers, ...(init.headers as Record<string, string> | undefined) },
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS)
      })
      const text = await response.text()
      if (response.status >= 500) this.#addresses.failed(base)
      return this.#read(response, text)
    } catch (error) {
      this.#addresses.failed(base)
      const code = failureCode(error)
      return {
        is: 'later',
        afterMs: undefined,
        askedToWait: false,
        unsure: !NEVER_SENT.has(code),
        why: `${base.host} cannot be reached (${code})`
      }
    }
  }

  #read(response: Response, text: string): Attempt {
    const { status } = response
    if (status === 429 || status >= 500) {
      const askedToWait = status === 429 || status === 503
      const retryAfter = askedToWait ? response.headers.get('retry-after') : null
      return {
        is: 'later',
        afterMs: retryAfterMs(retryAfter, this.#pace.now()),
        askedToWait,
        unsure: status !== 429,
        why: `the server answered ${status}${messageIn(parsed(text))}`
      }
    }
    const replayed = response.headers.get('idempotency-replayed') === 'true'
    return { is: 'answer', status, body: parsed(text), replayed }
  }
}

/**
 * Milliseconds to wait as a Retry-After header has it (RFC 9110, section 10.2.3): whole seconds or a date.
 * Undefined for anything else.
 */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const at = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

/** What an answer that is no success says, and what to do where it is about the key. */
export function refusalIn(status: number, body: unknown): string {
  const said = `the server answered ${status}${messageIn(body)}`
  if (status === 401) return `${said}: set BINCARD_API_KEY to a key of this service`
  if (status === 403) return `${said}: the key in BINCARD_API_KEY does not open this`
  return said
}

/** The message of an error envelope as `: message`, or nothing. */
export function messageIn(body: unknown): string {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error
  return hasMessage && typeof error.message === 'string' ? `: ${error.message}` : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A path segment; URLs cannot carry `.` and `..` as one, RFC 3986, section 5.2.4. */
function segment(id: string): string {
  if (id === '.' || id === '..')
    throw new RangeError(`a URL cannot carry ${JSON.stringify(id)} as a path segment`)
  return encodeURIComponent(id)
}

function failureCode(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code
  return cause instanceof Error ? cause.name : String(cause)
}
