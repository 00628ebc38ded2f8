import { connect } from 'node:net'
import type { Answered } from '../openapi/response-validation.ts'

/** How long an answer may take, in milliseconds; it mostly takes one. */
export const patienceMs = 10_000

export interface Exchange {
  readonly answers: readonly Answered[]
  /** Bytes after the last whole answer. */
  readonly rest: Buffer
}

/**
 * Sends the bytes over a connection of their own and reads until the server closes it. Rejects where it does not close
 * within the patience: the last request said `Connection: close`, or the client closes its side (`hangsUp`).
 */
export async function exchange(
  port: number,
  bytes: Buffer,
  methods: readonly string[],
  hangsUp: boolean
): Promise<Exchange> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.setTimeout(patienceMs, () =>
    socket.destroy(new Error(`the connection was open ${patienceMs} ms later`))
  )
  const received: Buffer[] = []
  socket.on('data', (data) => {
    received.push(data)
    // A stream of events never ends: its head is its answer, and the client goes away.
    if (received.length === 1 && isEventStream(data)) socket.destroy()
  })
  let failure: NodeJS.ErrnoException | undefined
  socket.on('error', (error) => {
    failure = error
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  if (hangsUp) socket.end(bytes)
  else socket.write(bytes)
  await closed
  // A server that refuses what is still being sent resets the connection, its answer may be lost with it.
  if (failure !== undefined && failure.code !== 'ECONNRESET' && failure.code !== 'EPIPE') throw failure
  return parse(Buffer.concat(received), methods)
}

/** The answers in what a server sent to requests of these methods. */
export function parse(bytes: Buffer, methods: readonly string[]): Exchange {
  const answers: Answered[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return { answers, rest }
    const [status = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const statusCode = Number(/^HTTP\/1\.1 (\d{3}) /.exec(status)?.[1])
    if (Number.isNaN(statusCode)) throw new Error(`no status line of HTTP/1.1: ${status}`)
    const headers = headersOf(lines)
    const after = rest.subarray(end + 4)
    if (isEventStream(rest)) {
      return {
        answers: [...answers, { statusCode, headers, body: JSON.stringify(after.toString()) }],
        rest: Buffer.of()
      }
    }
    if (statusCode < 200) {
      rest = after
      continue
    }
    const method = methods[Math.min(answers.length, methods.length - 1)]
    const said = Number(headers['content-length'])
    const length = hasNoBody(method, statusCode, after) ? 0 : said
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${status}`)
    if (after.length < length) return { answers, rest }
    answers.push({ statusCode, headers, body: after.subarray(0, length).toString() })
    rest = after.subarray(length)
  }
}

/** Whether this is the beginning of an answer that is a stream of events. */
function isEventStream(bytes: Buffer): boolean {
  const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n')).toString('latin1')
  return /^content-type: text\/event-stream/im.test(head)
}

/**
 * Whether the answer ends with its head. What is no request at all is not known to be HEAD either; but one whose head was
 * answered, and whose body then turned out to be no HTTP, has two answers.
 */
function hasNoBody(method: string | undefined, statusCode: number, after: Buffer): boolean {
  if (statusCode === 204 || statusCode === 304) return true
  if (method !== 'HEAD') return false
  return statusCode < 400 || after.length === 0 || after.subarray(0, 9).toString('latin1') === 'HTTP/1.1 '
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) throw new Error(`no header: ${line}`)
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}
