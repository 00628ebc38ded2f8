import { crc32 } from 'node:zlib'
import { PackedNumbers, type PackedValues } from '../../../domain/packed-numbers.ts'

/*
 * A snapshot is a line of text that names its format, and then blocks:
 *
 *     crc32 of all that follows | number of the block | bytes of head, columns and texts    (five words of 32 bits)
 *     head: JSON, which says what the block is, and of each column its name, type, base and length
 *     columns: numbers as the machine holds them (the format's line names the byte order)
 *     texts: UTF-8
 */
export const HEADER_BYTES = 20
/** More than any block has that was ever written: a length beyond it is damage, and nothing is allocated for it. */
export const BLOCK_BYTES_MAX = 2 ** 31

const types = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array } as const
type ColumnType = keyof typeof types
type ColumnHead = readonly [name: string, type: ColumnType, base: number, length: number]

export interface Block {
  readonly kind: string
  /** Whatever else it says of itself, as JSON. */
  readonly facts?: unknown
  readonly columns?: Readonly<Record<string, PackedNumbers>>
  readonly texts?: readonly string[]
}

interface BlockHead {
  readonly kind: string
  readonly facts?: unknown
  readonly columns: readonly ColumnHead[]
  readonly texts: readonly number[]
}

/** The block in bytes, with the checksum that begins it. */
export function encodeBlock(block: Block, number: number): Buffer {
  const columns = Object.entries(block.columns ?? {})
  const texts = (block.texts ?? []).map((text) => Buffer.from(text, 'utf8'))
  const head: BlockHead = {
    kind: block.kind,
    facts: block.facts,
    columns: columns.map(([name, { base, values }]) => [name, typeOf(values), base, values.length]),
    texts: texts.map(({ length }) => length)
  }
  const headBytes = Buffer.from(JSON.stringify(head), 'utf8')
  const columnBytes = columns.map(([, { values }]) => bytesOf(values))
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(number, 4)
  header.writeUInt32LE(headBytes.length, 8)
  header.writeUInt32LE(sumOfLengths(columnBytes), 12)
  header.writeUInt32LE(sumOfLengths(texts), 16)
  const bytes = Buffer.concat([header, headBytes, ...columnBytes, ...texts])
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0)
  return bytes
}

/** A block as it was read, its numbers and texts in memory of their own. */
export class ReadBlock {
  readonly kind: string
  readonly facts: unknown
  readonly #columns = new Map<string, PackedNumbers>()
  readonly #texts: Buffer[] = []

  /** `bytes` are those of a whole block whose checksum fits. Throws where they make no block all the same. */
  constructor(bytes: Buffer) {
    const headLength = bytes.readUInt32LE(8)
    let at = HEADER_BYTES + headLength
    const head = JSON.parse(bytes.toString('utf8', HEADER_BYTES, at)) as BlockHead
    this.kind = head.kind
    this.facts = head.facts
    for (const [name, type, base, length] of head.columns) {
      const values = new types[type](length)
      const target = bytesOf(values)
      target.set(bytes.subarray(at, at + target.length))
      at += target.length
      this.#columns.set(name, new PackedNumbers(base, values))
    }
    for (const length of head.texts) {
      this.#texts.push(Buffer.from(bytes.subarray(at, at + length)))
      at += length
    }
    if (at !== bytes.length) throw new RangeError(`block ${this.kind} has ${bytes.length} bytes, not ${at}`)
  }

  /** Throws a RangeError where there is none of this name. */
  column(name: string): PackedNumbers {
    const column = this.#columns.get(name)
    if (column === undefined) throw new RangeError(`block ${this.kind} has no column ${name}`)
    return column
  }

  /** Throws a RangeError where there are not so many. */
  text(index: number): Buffer {
    const text = this.#texts[index]
    if (text === undefined) throw new RangeError(`block ${this.kind} has no text ${index}`)
    return text
  }
}

/** The length of a block by its header, NaN where it has none that a block can have. */
export function blockLength(header: Buffer): number {
  const length = HEADER_BYTES + header.readUInt32LE(8) + header.readUInt32LE(12) + header.readUInt32LE(16)
  return length > BLOCK_BYTES_MAX ? NaN : length
}

function typeOf(values: PackedValues): ColumnType {
  if (values instanceof Uint8Array) return 'u8'
  if (values instanceof Uint16Array) return 'u16'
  return values instanceof Uint32Array ? 'u32' : 'f64'
}

function bytesOf({ buffer, byteOffset, byteLength }: PackedValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function sumOfLengths(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
