import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal, pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ImportFailure, ImportStopped, reasonOf } from './failures.ts'

/** What is known of a file before its first row is read. */
export interface ContentFacts {
  /** SHA-256 of the decoded content, in hex. */
  readonly hash: string
  /** Line feeds after which something follows: the rows of a CSV without quoted line breaks. */
  readonly lineBreaks: number
}

/** Whether the input can be read twice: a regular file can, standard input and pipes cannot. */
export async function canBeReadTwice(file: string): Promise<boolean> {
  if (file === '-') return false
  const found = await stat(file).catch((error: unknown) => {
    throw new ImportFailure(`cannot read ${file}: ${reasonOf(error)}`)
  })
  if (found.isDirectory()) throw new ImportFailure(`cannot read ${file}: it is a folder`)
  return found.isFile()
}

/**
 * The text of a file or stream in pieces, unpacked where its first bytes say that it is gzip, without a byte order
 * mark. `onBytes` is shown each unpacked piece. Throws an ImportFailure for what cannot be read, is damaged or is
 * not UTF-8: a replaced byte could make two SKUs one. Ends with ImportStopped when `stop` is aborted.
 */
export async function* textOf(
  file: string,
  stdin: Readable,
  stop: AbortSignal,
  onBytes?: (bytes: Uint8Array) => void
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      throw new ImportFailure(`${nameOf(file)} is not UTF-8 text`)
    }
  }
  try {
    for await (const bytes of unpacked(addAbortSignal(stop, file === '-' ? stdin : createReadStream(file)))) {
      onBytes?.(bytes)
      const text = decode(bytes)
      if (text !== '') yield text
    }
  } catch (error) {
    if (error instanceof ImportFailure) throw error
    if (stop.aborted) throw new ImportStopped('stopped while reading')
    throw new ImportFailure(`cannot read ${nameOf(file)}: ${reasonOf(error)}`)
  }
  const rest = decode()
  if (rest !== '') yield rest
}

/** Reads the whole file once, to know its identity and that it can be read, before anything of it is sent. */
export async function contentFacts(file: string, stop: AbortSignal): Promise<ContentFacts> {
  const hash = createHash('sha256')
  let lineBreaks = 0
  let endsWithBreak = false
  const content = textOf(file, Readable.from([]), stop, (bytes) => hash.update(bytes))
  for await (const text of content) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineBreaks += 1
    endsWithBreak = text.endsWith('\n')
  }
  return { hash: hash.digest('hex'), lineBreaks: endsWithBreak ? lineBreaks - 1 : lineBreaks }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}

async function* unpacked(source: Readable): AsyncGenerator<Uint8Array> {
  const chunks = (source as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  let ended = false
  while (head.length < 2 && !ended) {
    const next = await chunks.next()
    if (next.done === true) ended = true
    else head = Buffer.concat([head, next.value])
  }
  const whole = Readable.from(withHead(head, { [Symbol.asyncIterator]: () => chunks }))
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole as AsyncIterable<Uint8Array>
    return
  }
  // An error on either side destroys the other, and reaches the reader through the iteration of the unpacked side.
  yield* pipeline(whole, createGunzip(), () => undefined) as AsyncIterable<Uint8Array>
}

async function* withHead(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  yield* rest
}
