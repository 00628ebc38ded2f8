import { crc32 } from 'node:zlib'
import type { LoggedUnit } from '../../domain/logged-unit.ts'

/*
 * The wire format, frozen. A frame is one line of text between two newlines:
 *
 *     \n<crc32 of the body, 8 hex> <length of the body in bytes, 10 digits> <body, JSON>\n
 *
 * JSON holds no raw newline, so the leading one ends whatever a writer that died left behind, and a reader
 * always finds the next frame. `tail -n 1 *.wal | cut -c 21- | jq` shows the newest unit.
 */
const NEWLINE = 0x0a
const SPACE = 0x20
const CHECKSUM_LENGTH = 8
const LENGTH_DIGITS = 10
/** Disks write whole sectors, and the sectors of one write in any order; every larger block is made of them. */
const SECTOR_BYTES = 512
/** What stands before the body on its line. */
const HEADER_LENGTH = CHECKSUM_LENGTH + 1 + LENGTH_DIGITS + 1

/** How far a writer knows the log to be durable: the segment, a frame boundary in it, and the chain up to there. */
export type DurableMark = readonly [segment: number, offset: number, chain: number]

interface FrameHead {
  /** `<writer>-<counter>`. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly durable?: DurableMark
}

export interface UnitFrame extends FrameHead, LoggedUnit {
  readonly id: string
  readonly at: number
}

/** The last frame of a segment: what lands behind it is void. */
export interface SealFrame extends FrameHead {
  /** The name of the file, already on disk, that becomes the next segment. */
  readonly seal: string
}

/** Says only how far the log is durable; written when a ledger closes. */
export interface MarkFrame extends FrameHead {
  readonly mark: true
}

/** From here on the segments before the one that begins with this sequence are no part of the log. */
export interface RetentionFrame extends FrameHead {
  readonly retained: number
}

export type Frame = UnitFrame | SealFrame | MarkFrame | RetentionFrame

/** A frame in bytes, and its checksum. */
export interface EncodedFrame {
  readonly length: number
  readonly checksum: number
}

/** Gathers frames for one write. Its bytes may be used again only after `clear`, when that write has ended. */
export class FrameBuffer {
  #bytes = Buffer.allocUnsafe(256 * 1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Adds a frame and returns its length with both newlines. */
  add(frame: Frame): EncodedFrame {
    const body = JSON.stringify(frame)
    // Three bytes are the most that UTF-8 takes for one UTF-16 code unit.
    this.#reserve(HEADER_LENGTH + 2 + body.length * 3)
    const start = this.#length
    const bodyStart = start + 1 + HEADER_LENGTH
    const bodyLength = this.#bytes.write(body, bodyStart, 'utf8')
    const checksum = crc32(this.#bytes.subarray(bodyStart, bodyStart + bodyLength))
    writeHeader(this.#bytes, start, checksum, bodyLength)
    this.#bytes[bodyStart + bodyLength] = NEWLINE
    this.#length = bodyStart + bodyLength + 1
    return { length: this.#length - start, checksum }
  }

  clear(): void {
    this.#length = 0
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
  }
}

/** Digit by digit into the bytes: a text made for each frame would cost more than its checksum. */
function writeHeader(bytes: Buffer, start: number, checksum: number, bodyLength: number): void {
  bytes[start] = NEWLINE
  let rest = checksum
  for (let at = start + CHECKSUM_LENGTH; at > start; at -= 1) {
    const digit = rest & 0xf
    bytes[at] = digit < 10 ? 0x30 + digit : 0x57 + digit
    rest >>>= 4
  }
  bytes[start + CHECKSUM_LENGTH + 1] = SPACE
  rest = bodyLength
  for (let at = start + HEADER_LENGTH - 1; at > start + CHECKSUM_LENGTH + 1; at -= 1) {
    bytes[at] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  bytes[start + HEADER_LENGTH] = SPACE
}

export type ScannedLine =
  | {
      readonly kind: 'frame'
      readonly start: number
      readonly end: number
      readonly checksum: number
      /** The frame as JSON, whose checksum is right. */
      readonly body: string
    }
  /**
   * `torn`: shorter than it says, as a writer that died leaves it; `hole`: with a sector that a power cut kept from the
   * disk; `rotten`: whole, but not what was written.
   */
  | { readonly kind: 'torn' | 'hole' | 'rotten'; readonly start: number; readonly end: number }

/** The lines of a part of the log, and where the first one stands that has no end yet. */
export interface ScannedLines {
  readonly lines: Iterable<ScannedLine>
  readonly unfinishedFrom: () => number
}

/**
 * Reads the complete lines in `bytes`, whose first byte stands at `offset` of its file. What follows the last newline
 * may be a frame that its writer is just writing: it is left for the next scan, not judged.
 */
export function scanLines(bytes: Buffer, offset: number): ScannedLines {
  let unfinished = 0
  function* lines(): Generator<ScannedLine> {
    for (;;) {
      const end = bytes.indexOf(NEWLINE, unfinished)
      if (end < 0) return
      const start = unfinished
      unfinished = end + 1
      if (end > start) yield scanLine(bytes, start, end, offset)
    }
  }
  return { lines: lines(), unfinishedFrom: () => offset + unfinished }
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
  const bodyStart = lineStart + HEADER_LENGTH
  if (bodyStart > lineEnd) return { kind: 'torn', start, end }
  const checksum = parseHex(bytes, lineStart)
  const length = parseDecimal(bytes, lineStart + CHECKSUM_LENGTH + 1)
  const isHeader =
    checksum >= 0 &&
    length >= 0 &&
    bytes[lineStart + CHECKSUM_LENGTH] === SPACE &&
    bytes[bodyStart - 1] === SPACE
  if (!isHeader) return { kind: 'rotten', start, end }
  if (lineEnd - bodyStart < length) return { kind: 'torn', start, end }
  if (lineEnd - bodyStart > length || crc32(bytes.subarray(bodyStart, lineEnd)) !== checksum) {
    return { kind: 'rotten', start, end }
  }
  return { kind: 'frame', start, end, checksum, body: bytes.toString('utf8', bodyStart, lineEnd) }
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

/** The chain after one more good frame: changes with any frame that is missing, added or out of order. */
export function extendChain(chain: number, checksum: number): number {
  // FNV-1a on whole words; the checksums it runs over are already well spread.
  return Math.imul(chain ^ checksum, 0x01000193) >>> 0
}
