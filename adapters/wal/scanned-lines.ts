import { crc32 } from 'node:zlib'
import { HEADER_LENGTH, NEWLINE, statedChecksum, statedEnd } from './frame-header.ts'
import { soundRunEnd } from './sound-run.ts'

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
  /** No frame that begins before has to be checked any more. */
  readonly #soundUntil: number
  #at = 0

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
    this.#soundUntil = soundRunEnd(bytes)
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
    if (start < this.#soundUntil || (bytes[end] === NEWLINE && isRight(bytes, start, end))) {
      this.#at = end + 1
      return frameIn(bytes, start, end, this.#offset)
    }
    const lineEnd = bytes.indexOf(NEWLINE, start)
    if (lineEnd < 0) return undefined
    this.#at = lineEnd + 1
    const kind = faultOf(bytes, start, lineEnd, this.#offset)
    return { kind, start: this.#offset + start, end: this.#offset + lineEnd + 1 }
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
  const { length } = unfinished
  if (statedEnd(unfinished, 0) !== length || !isRight(unfinished, 0, length)) return undefined
  return Buffer.concat([unfinished, Buffer.of(NEWLINE)])
}

/** What is wrong with a line that is no frame. */
function faultOf(
  bytes: Buffer,
  lineStart: number,
  lineEnd: number,
  offset: number
): 'torn' | 'hole' | 'rotten' {
  if (hasHole(bytes.subarray(lineStart, lineEnd), offset + lineStart)) return 'hole'
  if (lineStart + HEADER_LENGTH > lineEnd) return 'torn'
  const isHeader = statedEnd(bytes, lineStart) >= 0 && statedChecksum(bytes, lineStart) >= 0
  return isHeader && lineEnd < statedEnd(bytes, lineStart) ? 'torn' : 'rotten'
}

/** Whether a sector that was never written, and reads as zeros, ends in the line. JSON holds no zero byte. */
function hasHole(line: Buffer, offset: number): boolean {
  for (let end = SECTOR_BYTES - (offset % SECTOR_BYTES); end <= line.length; end += SECTOR_BYTES) {
    if (line[end - 1] === 0) return true
  }
  return false
}

/** Whether the checksum of the body is the one that the header states. */
function isRight(bytes: Buffer, lineStart: number, lineEnd: number): boolean {
  return crc32(bytes.subarray(lineStart + HEADER_LENGTH, lineEnd)) === statedChecksum(bytes, lineStart)
}

/** REQUIRES: the line is a frame, and its checksum is right. */
function frameIn(bytes: Buffer, lineStart: number, lineEnd: number, offset: number): ScannedFrame {
  const checksum = statedChecksum(bytes, lineStart)
  const body = bytes.toString('utf8', lineStart + HEADER_LENGTH, lineEnd)
  return { kind: 'frame', start: offset + lineStart, end: offset + lineEnd + 1, checksum, body }
}
