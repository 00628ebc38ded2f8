import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'

interface Answer {
  readonly line: string
  readonly statusCode: number
  readonly message: string
}

const malformed: Answer = { line: '400 Bad Request', statusCode: 400, message: 'The request is not HTTP' }

const answers = new Map<string, Answer>([
  [
    'HPE_HEADER_OVERFLOW',
    { line: '431 Request Header Fields Too Large', statusCode: 431, message: 'The headers are too large' }
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { line: '408 Request Timeout', statusCode: 408, message: 'The request took too long to arrive' }
  ]
])

/** What Node's own handling of such errors looks at, for want of a documented way: the answer that is being made. */
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null
}

/** Answers, in the envelope, what never became a request: Node gives it the bare socket. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const pending = (socket as HttpSocket)._httpMessage
  if (pending?.req.complete === true) {
    // A request came before, whole, and may have taken effect: the first answer on the connection is for that one.
    pending.once('close', () => answerClientError(error, socket))
    return
  }
  if (!socket.writable) {
    socket.destroy(error)
    return
  }
  const { line, statusCode, message } = answers.get(error.code) ?? malformed
  const timestamp = new Date().toISOString()
  const body = JSON.stringify({
    success: false,
    error: { name: 'ValidationError', message, code: 'VALIDATION_ERROR', statusCode, timestamp }
  })
  const headers = [
    `HTTP/1.1 ${line}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${randomUUID()}`,
    'connection: close'
  ]
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`)
}
