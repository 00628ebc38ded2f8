import { crc32 } from 'node:zlib'
import type { LoggedUnit } from '../../domain/logged-unit.ts'
import { CHECKSUM_LENGTH, HEADER_LENGTH, NEWLINE, SPACE } from './frame-header.ts'

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

/** The chain after one more good frame: changes with any frame that is missing, added or out of order. */
export function extendChain(chain: number, checksum: number): number {
  // FNV-1a on whole words; the checksums it runs over are already well spread.
  return Math.imul(chain ^ checksum, 0x01000193) >>> 0
}
