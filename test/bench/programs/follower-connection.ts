import { connect, type Socket } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')
/** Longer than what a page says behind its events. */
const tailLength = 100

export interface Answered {
  readonly bytes: number
  readonly events: number
}

/**
 * A follower that asks for the next page as soon as it has one, with next to no work of its own: of a page it reads
 * what stands behind the events.
 */
export class FollowerConnection {
  readonly #socket: Socket
  readonly #limit: number
  readonly #host: string
  readonly #onAnswer: (answered: Answered) => void
  #offset: number
  #head: Buffer = Buffer.alloc(0)
  #tail: Buffer = Buffer.alloc(0)
  /** Bytes of the body that are still to come; undefined while the head is. */
  #missing: number | undefined
  #bytes = 0

  private constructor(
    socket: Socket,
    { host, limit, offset, onAnswer }: Omit<FollowerOptions, 'url' | 'onError'> & { readonly host: string }
  ) {
    this.#socket = socket
    this.#host = host
    this.#limit = limit
    this.#offset = offset
    this.#onAnswer = onAnswer
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** Connects and begins to follow; `onError` is told when the connection breaks or an answer is not a page. */
  static open({ url, onError, ...options }: FollowerOptions): Promise<FollowerConnection> {
    return new Promise((resolve) => {
      const socket = connect(Number(url.port), url.hostname)
      socket.on('error', onError)
      socket.once('connect', () => {
        const follower = new FollowerConnection(socket, { ...options, host: url.host })
        follower.#ask()
        resolve(follower)
      })
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #ask(): void {
    const path = `/v1/inventory/events?offset=${this.#offset}&limit=${this.#limit}&wait=60`
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n\r\n`)
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#missing === undefined) {
      this.#head = Buffer.concat([this.#head, chunk])
      const end = this.#head.indexOf(headEnd)
      if (end < 0) return
      const head = this.#head.toString('latin1', 0, end)
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(`a follower was answered ${head}`)
      const body = this.#head.subarray(end + headEnd.length)
      this.#head = Buffer.alloc(0)
      this.#missing = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
      this.#takeBody(body)
    } else this.#takeBody(chunk)
  }

  #takeBody(chunk: Buffer): void {
    this.#tail = chunk.length >= tailLength ? chunk.subarray(-tailLength) : Buffer.concat([this.#tail, chunk])
    this.#missing = (this.#missing ?? 0) - chunk.length
    if (this.#missing > 0) return
    const tail = this.#tail.toString('latin1')
    const [, nextOffset, count] = /"nextOffset":(\d+),"hasMore":\w+,"count":(\d+)\}$/.exec(tail) ?? []
    this.#offset = Number(nextOffset)
    this.#onAnswer({ bytes: this.#bytes, events: Number(count) })
    this.#missing = undefined
    this.#tail = Buffer.alloc(0)
    this.#bytes = 0
    this.#ask()
  }
}

export interface FollowerOptions {
  readonly url: URL
  readonly offset: number
  readonly limit: number
  readonly onAnswer: (answered: Answered) => void
  readonly onError: (error: Error) => void
}
