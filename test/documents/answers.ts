import type { Example } from './examples.ts'
import type { Identities } from './identities.ts'

/** What is another text each time. It has to be there, in this form; what it says is not compared. */
const varying: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['instant', /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g],
  ['seconds since the start', /(?<="uptime": )\d+(?:\.\d+)?/g],
  ['seconds of an import', /(?<= read in )\d+\.\d(?= s\b)/g],
  ['speed of an import', /(?<=\()[\d,]+(?= rows per second\))/g],
  ['events behind', /(?<="lag": )\d+/g],
  ['seconds until a retry', /(?<="retryAfter": )\d+(?:\.\d+)?/g],
  ['name of a writer', /(?<=: writer )\S+(?= goes )/g],
  ['place in the log', /(?<=\.wal at byte )\d+/g]
]

/** A documented answer and the one that came, both with what varies replaced by what it is, to be compared as text. */
export function comparable(
  { kind, answer }: Pick<Example, 'kind' | 'answer'>,
  actual: string,
  identities: Identities
): { documented: string; actual: string } {
  const documented = canonical(kind, answer)
  const came = kind === 'http' ? canonical(kind, actual, headerNames(answer)) : canonical(kind, actual)
  return { documented: masked(documented), actual: masked(identities.asDocumented(came, documented)) }
}

/** One form for answers that say the same: JSON laid out, of the headers only those named, in the order of their names. */
function canonical(kind: Example['kind'], text: string, named?: readonly string[]): string {
  if (kind === 'text') return text.trim()
  if (kind === 'json') return laidOut(text)
  const { status, headers, body } = parseHttp(text)
  const lines = headers
    .filter(([name]) => named?.includes(name) ?? true)
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
  return [status, ...lines, '', body === '' ? '' : laidOut(body)].join('\n')
}

interface HttpAnswer {
  readonly status: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

function parseHttp(text: string): HttpAnswer {
  const [head = '', ...rest] = text.replaceAll('\r\n', '\n').split('\n\n')
  const [status = '', ...fields] = head.split('\n')
  const headers = fields.filter(Boolean).map((field) => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
  })
  return { status: status.trim(), headers, body: rest.join('\n\n').trim() }
}

function headerNames(answer: string): string[] {
  return parseHttp(answer).headers.map(([name]) => name)
}

/** The order of the fields is compared too; text that is no JSON is left as it is, to be seen in the comparison. */
function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function masked(text: string): string {
  return varying.reduce((done, [name, pattern]) => done.replaceAll(pattern, `<${name}>`), text)
}
