import { crc32 } from 'node:zlib'
import { printFrame } from './frame-body.ts'
import { HEADER_LENGTH, NEWLINE, writeHeader } from './frame-header.ts'
import type { Frame } from './frame.ts'

/** A frame in bytes, and its checksum. */
interface EncodedFrame {
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
    const body = printFrame(frame)
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
