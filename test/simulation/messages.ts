/** One try of one request. */
export interface Message {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** From where it comes. */
  readonly client: string
}

export interface Reply {
  readonly status: number
  readonly body: string
  readonly etag: string | undefined
  readonly replayed: boolean
  /** Seconds after which to come again, 0 where that is not said. */
  readonly retryAfter: number
  /** Whether it comes of a server that sees nothing of what others write. */
  readonly isBehind: boolean
}

/** No answer came, and none ever will. */
export class NoReplyError extends Error {}

/** What clocks have shown, in milliseconds since the epoch. */
export interface ClockRange {
  readonly earliest: number
  readonly latest: number
}
