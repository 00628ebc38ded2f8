import fc, { type Arbitrary } from 'fast-check'
import { payloadOf, requestBytes, targetOf, type HttpRequest } from './http-request.ts'

/** Bytes for one connection that are not, or not quite, one request of HTTP/1.1. */
export interface Malformation {
  readonly name: string
  bytes(request: HttpRequest): Buffer
  /** Whether the client closes its side after them, in the middle of what it was saying. */
  readonly hangsUp: boolean
}

type Change = (request: HttpRequest) => Buffer | string

const crlf = '\r\n'

/** The request with other lines in the place of its first one or after it. */
function withLines(change: (first: string) => readonly string[], length = true): Change {
  return (request) => {
    const text = requestBytes(request, { length }).toString('latin1')
    const end = text.indexOf(crlf)
    return [...change(text.slice(0, end)), text.slice(end + crlf.length)].join(crlf)
  }
}

/** The request with its body in chunks as they are given. */
function withChunks(chunked: (body: string) => string, ...lines: readonly string[]): Change {
  return (request) => {
    const body = (payloadOf(request) ?? '{}').toString('latin1')
    const head = requestBytes({ ...request, payload: '' }, { length: false })
      .toString('latin1')
      .trimEnd()
    return [head, ...(lines.length > 0 ? lines : ['transfer-encoding: chunked']), '', chunked(body)].join(
      crlf
    )
  }
}

const hex = (text: string) => text.length.toString(16)
const oneChunk = (body: string) => `${hex(body)}${crlf}${body}${crlf}0${crlf}${crlf}`
const header = (line: string) => withLines((first) => [first, line])
const lineOf = (change: (request: HttpRequest) => string) => (request: HttpRequest) =>
  withLines(() => [change(request)])(request)

const whole: Readonly<Record<string, Change>> = {
  'no version': lineOf(({ method, path }) => `${method} ${path}`),
  'HTTP/1.0': lineOf((request) => `${request.method} ${targetOf(request)} HTTP/1.0`),
  'HTTP/1.2': lineOf((request) => `${request.method} ${targetOf(request)} HTTP/1.2`),
  'HTTP/9.9': lineOf((request) => `${request.method} ${targetOf(request)} HTTP/9.9`),
  'HTTP/2 preface': () => `PRI * HTTP/2.0${crlf}${crlf}SM${crlf}${crlf}`,
  'a TLS greeting': () => Buffer.from('160301020001000001fc0303', 'hex'),
  'spaces in the target': lineOf(({ method, path }) => `${method} ${path} /x HTTP/1.1`),
  'the asterisk': lineOf(() => 'OPTIONS * HTTP/1.1'),
  'an authority': lineOf(() => 'CONNECT service:80 HTTP/1.1'),
  'a proxy request': lineOf(({ method, path }) => `${method} http://service${path} HTTP/1.1`),
  'a target over the limit': lineOf(({ method, path }) => `${method} ${path}/${'x'.repeat(20_000)} HTTP/1.1`),
  'a header over the limit': header(`x-long: ${'x'.repeat(20_000)}`),
  '3000 headers': header(Array.from({ length: 3000 }, (_, index) => `x${index}:`).join(crlf)),
  'no colon': header('x-nothing'),
  'a space before the colon': header('content-length : 5'),
  'a folded header': header(`x-folded: a${crlf} b`),
  'NUL in a header': header('x-nul: a\0b'),
  'a bare CR in a header': header('x-cr: a\rcontent-length: 0'),
  'a bare LF in a header': header('x-lf: a\nx-other: b'),
  'a header without a name': header(': x'),
  'no host': (request) =>
    requestBytes(request)
      .toString('latin1')
      .replace(/host: .*\r\n/i, ''),
  'two hosts': header('host: other'),
  'two lengths': withLines((first) => [first, 'content-length: 5', 'content-length: 6'], false),
  'the length twice': (request) =>
    header(`content-length: ${Buffer.byteLength(payloadOf(request) ?? '')}`)(request),
  'a length below zero': withLines((first) => [first, 'content-length: -1'], false),
  'a length with a sign': withLines((first) => [first, 'content-length: +5'], false),
  'a length in hexadecimal': withLines((first) => [first, 'content-length: 0x5'], false),
  'a length beyond numbers': withLines((first) => [first, `content-length: ${'9'.repeat(30)}`], false),
  'a length over the limit': withLines((first) => [first, 'content-length: 1000000000'], false),
  // Without a body there would be no length, and nothing but a request that has not ended.
  'a length and chunks': (request) =>
    header('transfer-encoding: chunked')({ ...request, payload: payloadOf(request) ?? '{}' }),
  'an unknown encoding': header('transfer-encoding: x'),
  'chunked twice': withChunks(oneChunk, 'transfer-encoding: chunked, chunked'),
  'chunked and identity': withChunks(oneChunk, 'transfer-encoding: chunked, identity'),
  'identity and chunked': withChunks(oneChunk, 'transfer-encoding: identity, chunked'),
  'a tab before chunked': withChunks(oneChunk, 'transfer-encoding:\tchunked'),
  'chunked with a vertical tab': withChunks(oneChunk, 'transfer-encoding: \u000bchunked'),
  'one chunk': withChunks(oneChunk),
  'one byte a chunk': withChunks(
    (body) => [...body].map((byte) => `1${crlf}${byte}${crlf}`).join('') + `0${crlf}${crlf}`
  ),
  'a chunk of no size': withChunks((body) => `${crlf}${body}${crlf}0${crlf}${crlf}`),
  'a chunk below zero': withChunks((body) => `-1${crlf}${body}${crlf}0${crlf}${crlf}`),
  'a chunk beyond numbers': withChunks((body) => `${'f'.repeat(30)}${crlf}${body}`),
  'a chunk with an extension': withChunks((body) => `${hex(body)};a=b${crlf}${body}${crlf}0${crlf}${crlf}`),
  'a chunk with a long extension': withChunks(
    (body) => `${hex(body)};${'x'.repeat(20_000)}${crlf}${body}${crlf}0${crlf}${crlf}`
  ),
  trailers: withChunks((body) => `${hex(body)}${crlf}${body}${crlf}0${crlf}idempotency-key: x${crlf}${crlf}`),
  'an expectation': header('expect: 100-continue'),
  'an unknown expectation': header('expect: a miracle'),
  'an upgrade': header(`connection: upgrade${crlf}upgrade: websocket`),
  'an upgrade to HTTP/2': header(
    `connection: upgrade, http2-settings${crlf}upgrade: h2c${crlf}http2-settings: AAA`
  ),
  'bare line feeds': (request) => requestBytes(request).toString('latin1').replaceAll(crlf, '\n'),
  'empty lines before': (request) => `${crlf}${crlf}${requestBytes(request).toString('latin1')}`,
  'two requests': (request) =>
    Buffer.concat([requestBytes(request, { close: false }), requestBytes(request)]),
  'five requests': (request) =>
    Buffer.concat([
      ...Array.from({ length: 4 }, () => requestBytes(request, { close: false })),
      requestBytes(request)
    ]),
  'a request after the last': (request) => Buffer.concat([requestBytes(request), requestBytes(request)]),
  'rubbish after a request': (request) =>
    Buffer.concat([requestBytes(request, { close: false }), Buffer.from('rubbish\r\n\r\n')])
}

const cut: Readonly<Record<string, Change>> = {
  nothing: () => '',
  'HTTP/0.9': ({ method, path }) => `${method} ${path}${crlf}`,
  'half a line': ({ method }) => `${method} /api/inv`,
  'half the headers': (request) => requestBytes(request).subarray(0, 40),
  'half the body': (request) => requestBytes(request).subarray(0, -1),
  'half a chunk': withChunks((body) => `${hex(`${body} `)}${crlf}${body}`),
  'no last chunk': withChunks((body) => `${hex(body)}${crlf}${body}${crlf}`)
}

const all: readonly Malformation[] = [
  ...Object.entries(whole).map((entry) => malformation(entry, false)),
  ...Object.entries(cut).map((entry) => malformation(entry, true))
]

export const malformations: Arbitrary<Malformation> = fc.constantFrom(...all)

function malformation([name, change]: readonly [string, Change], hangsUp: boolean): Malformation {
  return {
    name,
    hangsUp,
    bytes: (request) => {
      const bytes = change(request)
      return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    }
  }
}
