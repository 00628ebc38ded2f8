/** A request as it is about to be sent; mutations change it in place. */
export interface HttpRequest {
  method: string
  /** Encoded, without the query. */
  path: string
  /** Encoded, without the question mark. */
  query: string
  headers: [name: string, value: string][]
  /** The body before it is text, absent where there is none. */
  json?: unknown
  /** The body as it is sent, where it is not the text of `json`. */
  payload?: string | Buffer
  /** Whether it must come through a socket, as `inject` would tidy it up. */
  socketOnly?: boolean
}

/** Text that stands in a body as it is: what no JavaScript value becomes. */
export class RawJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** JSON text of the value, the raw parts of it as they are. */
export function jsonText(value: unknown): string {
  if (value instanceof RawJson) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`)
  return `{${members.join(',')}}`
}

export function payloadOf({ payload, json }: HttpRequest): string | Buffer | undefined {
  if (payload !== undefined) return payload
  return json === undefined ? undefined : jsonText(json)
}

export function targetOf({ path, query }: HttpRequest): string {
  return query === '' ? path : `${path}?${query}`
}

/** The path as the router takes it: up to the fragment, what was encoded without need decoded. */
export function routedPath(path: string): string {
  const [routed = ''] = path.replace(/^http:\/\/[^/?#]*/, '').split(/[?#]/, 1)
  try {
    return decodeURI(routed)
  } catch {
    return routed
  }
}

/** Gives the header this one value, whatever it had. */
export function setHeader(request: HttpRequest, name: string, value: string | undefined): void {
  request.headers = request.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase())
  if (value !== undefined) request.headers.push([name, value])
}

/** The first value of the header. */
export function headerOf(request: HttpRequest, name: string): string | undefined {
  return request.headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1]
}

/** The request as bytes of HTTP/1.1. `length` false leaves out the length of the body. */
export function requestBytes(request: HttpRequest, { close = true, length = true } = {}): Buffer {
  const payload = Buffer.from(payloadOf(request) ?? '')
  const headers = [...request.headers]
  if (headerOf(request, 'host') === undefined) headers.unshift(['host', 'service'])
  if (close) headers.push(['connection', 'close'])
  if (length && payloadOf(request) !== undefined) headers.push(['content-length', String(payload.length)])
  const head = [
    `${request.method} ${targetOf(request)} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`)
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), payload])
}

/** The request as text, for a report: long parts cut. */
export function requestText(request: HttpRequest): string {
  const payload = payloadOf(request)
  const headers = request.headers
    .map(([name, value]) => ` -H ${JSON.stringify(`${name}: ${cut(value)}`)}`)
    .join('')
  const bytes = typeof payload === 'string' ? payload : payload?.toString('latin1')
  const body = bytes === undefined ? '' : ` -d ${JSON.stringify(cut(bytes))}`
  return `${request.method} ${cut(targetOf(request))}${headers}${body}`
}

function cut(text: string): string {
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text
}
