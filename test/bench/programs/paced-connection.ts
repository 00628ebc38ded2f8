import { connect, type Socket } from 'node:net'

const headEnd = '\r\n\r\n'

/** One keep-alive connection with one request at a time on it, next to no work per answer. */
export class PacedConnection {
  readonly #socket: Socket
  #received = ''
  #onAnswer: ((status: number) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text: unknown) => this.#take(String(text)))
  }

  /** Connects; `onError` is told when the connection breaks. */
  static open(url: URL, onError: (error: Error) => void): Promise<PacedConnection> {
    return new Promise((resolve) => {
      const socket = connect(Number(url.port), url.hostname)
      socket.on('error', onError)
      socket.once('connect', () => resolve(new PacedConnection(socket)))
    })
  }

  /** REQUIRES: the request before it is answered. */
  send(request: Buffer, onAnswer: (status: number) => void): void {
    this.#onAnswer = onAnswer
    this.#socket.write(request)
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const bodyStart = this.#received.indexOf(headEnd) + headEnd.length
    if (bodyStart < headEnd.length) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1])
    if (this.#received.length < bodyStart + length) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#onAnswer?.(status)
  }
}
