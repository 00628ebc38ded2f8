import { crc32 } from 'node:zlib'
import { CHECKSUM_LENGTH, HEADER_LENGTH, LENGTH_DIGITS, NEWLINE, SPACE } from './frame.ts'

/** Disks write whole sectors, and the sectors of one write in any order; every larger block is made of them. */
const SECTOR_BYTES = 512

interface ScannedFrame {
  readonly kind: 'frame'
  readonly start: number
  readonly end: number
  readonly checksum: number
  /** The frame as JSON, whose checksum is right. */
  readonly body: string
}

export type ScannedLine =
  | ScannedFrame
  /**
   * `torn`: shorter than it says, as a writer that died leaves it; `hole`: with a sector that a power cut kept from the
   * disk; `rotten`: whole, but not what was written.
   */
  | { readonly kind: 'torn' | 'hole' | 'rotten'; readonly start: number; readonly end: number }

/**
 * Reads the complete lines in `bytes`, whose first byte stands at `offset` of its file. What follows the last newline
 * may be a frame that its writer is just writing: it is left for the next scan, not judged.
 */
export class LineScan {
  readonly #bytes: Buffer
  readonly #offset: number
  #at = 0

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
  }

  /** Where the first line stands in the file that has no end yet, or was not read. */
  get unfinishedFrom(): number {
    return this.#offset + this.#at
  }

  /** The next line; undefined where none is complete. */
  next(): ScannedLine | undefined {
    const bytes = this.#bytes
    // Every frame begins with a newline of its own.
    while (bytes[this.#at] === NEWLINE) this.#at += 1
    const start = this.#at
    const end = statedEnd(bytes, start)
    const frame = bytes[end] === NEWLINE ? frameIn(bytes, start, end, this.#offset) : undefined
    if (frame !== undefined) {
      this.#at = end + 1
      return frame
    }
    const lineEnd = bytes.indexOf(NEWLINE, start)
    if (lineEnd < 0) return undefined
    this.#at = lineEnd + 1
    return scanLine(bytes, start, lineEnd, this.#offset)
  }

  *[Symbol.iterator](): Generator<ScannedLine> {
    for (let line = this.next(); line !== undefined; line = this.next()) yield line
  }
}

/**
 * The end of the log as a line, where it is a whole frame that lacks only its newline; undefined otherwise. No other byte
 * than a newline ever follows it, so it is a frame already, and not only once somebody writes again.
 */
export function closeOpenEnd(unfinished: Buffer): Buffer | undefined {
  if (readLine(unfinished, 0, unfinished.length, 0).kind !== 'frame') return undefined
  return Buffer.concat([unfinished, Buffer.of(NEWLINE)])
}

function scanLine(bytes: Buffer, start: number, end: number, offset: number): ScannedLine {
  const line = readLine(bytes, start, end, offset)
  if (line.kind === 'frame' || !hasHole(bytes.subarray(start, end), offset + start)) return line
  return { ...line, kind: 'hole' }
}

/** Whether a sector that was never written, and reads as zeros, ends in the line. JSON holds no zero byte. */
function hasHole(line: Buffer, offset: number): boolean {
  for (let end = SECTOR_BYTES - (offset % SECTOR_BYTES); end <= line.length; end += SECTOR_BYTES) {
    if (line[end - 1] === 0) return true
  }
  return false
}

function readLine(bytes: Buffer, lineStart: number, lineEnd: number, offset: number): ScannedLine {
  const start = offset + lineStart
  const end = offset + lineEnd + 1
  if (lineStart + HEADER_LENGTH > lineEnd) return { kind: 'torn', start, end }
  const bodyEnd = statedEnd(bytes, lineStart)
  if (bodyEnd < 0 || parseHex(bytes, lineStart) < 0) return { kind: 'rotten', start, end }
  if (lineEnd < bodyEnd) return { kind: 'torn', start, end }
  const frame = lineEnd > bodyEnd ? undefined : frameIn(bytes, lineStart, lineEnd, offset)
  return frame ?? { kind: 'rotten', start, end }
}

/** Where the newline behind the line at `start` stands, by what its header says; -1 where there is no header. */
function statedEnd(bytes: Buffer, start: number): number {
  const bodyStart = start + HEADER_LENGTH
  if (bytes[start + CHECKSUM_LENGTH] !== SPACE || bytes[bodyStart - 1] !== SPACE) return -1
  const length = parseDecimal(bytes, start + CHECKSUM_LENGTH + 1)
  return length < 0 ? -1 : bodyStart + length
}

/** The line as a frame, where its checksum is right. */
function frameIn(
  bytes: Buffer,
  lineStart: number,
  lineEnd: number,
  offset: number
): ScannedFrame | undefined {
  const bodyStart = lineStart + HEADER_LENGTH
  const checksum = parseHex(bytes, lineStart)
  if (crc32(bytes.subarray(bodyStart, lineEnd)) !== checksum) return undefined
  const body = bytes.toString('utf8', bodyStart, lineEnd)
  return { kind: 'frame', start: offset + lineStart, end: offset + lineEnd + 1, checksum, body }
}

/** The eight lower-case hex digits at `at`, or -1. */
function parseHex(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; index < at + CHECKSUM_LENGTH; index += 1) {
    const byte = bytes[index] ?? 0
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** The ten digits at `at`, or -1. */
function parseDecimal(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; index < at + LENGTH_DIGITS; index += 1) {
    const digit = (bytes[index] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}
