import { connect, type Socket } from 'node:net'

const receiveBytes = 16_384
const headEnd = Buffer.from('\r\n\r\n')
const lengthName = Buffer.from('\r\ncontent-length: ')

type OnAnswer = (status: number | undefined) => void

/** One keep-alive connection with one request at a time on it, with as little work for each answer as can be. */
export class LightConnection {
  readonly #socket: Socket
  /** What came of an answer that is not whole yet. */
  #received: Buffer | undefined
  #onAnswer: OnAnswer | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static open(url: URL): Promise<LightConnection> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect({
        port: Number(url.port),
        host: url.hostname,
        noDelay: true,
        // One piece of memory for all that comes, and no stream between: half of what reading costs.
        onread: {
          buffer: Buffer.allocUnsafe(receiveBytes),
          callback: (length, buffer) => {
            connection.#take(buffer.subarray(0, length) as Buffer)
            return true
          }
        }
      })
      const connection = new LightConnection(socket)
      socket.once('connect', () => resolve(connection))
      socket.on('error', reject)
      socket.on('close', () => connection.#answer(undefined))
    })
  }

  /** `onAnswer` is told the status, or undefined where the connection broke. REQUIRES: the request before it is answered. */
  send(request: Buffer, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer
    if (this.#socket.destroyed) this.#answer(undefined)
    else this.#socket.write(request)
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    const received = this.#received === undefined ? bytes : Buffer.concat([this.#received, bytes])
    if (isWhole(received)) {
      this.#received = undefined
      this.#answer(Number(received.toString('latin1', 9, 12)))
    } else {
      this.#received = Buffer.from(received)
    }
  }

  #answer(status: number | undefined): void {
    const onAnswer = this.#onAnswer
    this.#onAnswer = undefined
    onAnswer?.(status)
  }
}

function isWhole(received: Buffer): boolean {
  const end = received.indexOf(headEnd)
  if (end < 0) return false
  const start = received.indexOf(lengthName) + lengthName.length
  if (start < lengthName.length) throw new Error(`an answer does not say its length: ${received.toString()}`)
  const length = Number.parseInt(received.toString('latin1', start, start + 12), 10)
  return received.length >= end + headEnd.length + length
}
