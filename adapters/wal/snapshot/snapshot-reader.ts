import { endianness } from 'node:os'
import { crc32 } from 'node:zlib'
import type { OpenFile } from '../../file-system/file-system.ts'
import { extendChain } from '../frame.ts'
import { readFully } from '../full-read.ts'
import { BLOCK_BYTES_MAX, blockLength, HEADER_BYTES, ReadBlock } from './block.ts'

const READ_BYTES = 1024 * 1024

/** The first line of a snapshot: another format, or another byte order, is another line. */
export const firstLine = Buffer.from(`bincard-snapshot-1 ${endianness()}\n`)

/** A snapshot that cannot be used; the message says why. */
export class UnusableSnapshotError extends Error {
  override readonly name = 'UnusableSnapshotError'
}

/** What the last block says of those before it. */
export interface EndFacts {
  readonly blocks: number
  readonly checksum: number
}

/**
 * Reads a snapshot block by block and trusts none of its bytes: each stands under its block's checksum, and the blocks
 * under that of the last one. Throws an UnusableSnapshotError where anything is not as it was written.
 */
export class SnapshotReader {
  readonly #file: OpenFile
  readonly #size: number
  /** The bytes of the file from `#at` on that were read ahead. */
  #ahead: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(file: OpenFile) {
    this.#file = file
    this.#size = file.size()
  }

  async *blocks(): AsyncGenerator<ReadBlock> {
    if (!(await this.#take(firstLine.length)).equals(firstLine)) {
      throw new UnusableSnapshotError('it is of another format')
    }
    let checksum = 0
    for (let number = 0; ; number += 1) {
      const bytes = await this.#takeBlock(number)
      const block = readBlock(bytes)
      if (block.kind === 'end') {
        this.#requireEnd(block.facts as EndFacts, { blocks: number, checksum })
        return
      }
      checksum = extendChain(checksum, bytes.readUInt32LE(0))
      yield block
    }
  }

  #requireEnd(said: EndFacts, found: EndFacts): void {
    if (said.blocks !== found.blocks || said.checksum !== found.checksum) {
      throw new UnusableSnapshotError('blocks of it are missing or were exchanged')
    }
    if (this.#at !== this.#size) throw new UnusableSnapshotError('there are bytes behind its end')
  }

  async #takeBlock(number: number): Promise<Buffer> {
    const at = this.#at
    await this.#need(HEADER_BYTES)
    const length = blockLength(this.#ahead.subarray(0, HEADER_BYTES))
    if (Number.isNaN(length)) throw damaged(number, at)
    const bytes = await this.#take(length)
    const isWhole = crc32(bytes.subarray(4)) === bytes.readUInt32LE(0) && bytes.readUInt32LE(4) === number
    if (!isWhole) throw damaged(number, at)
    return bytes
  }

  /** The next bytes of the file, valid until the next call. */
  async #take(length: number): Promise<Buffer> {
    await this.#need(length)
    const bytes = this.#ahead.subarray(0, length)
    this.#ahead = this.#ahead.subarray(length)
    this.#at += length
    return bytes
  }

  /** Reads ahead until so many bytes are there. */
  async #need(length: number): Promise<void> {
    const missing = length - this.#ahead.length
    if (missing <= 0) return
    const left = this.#size - this.#at - this.#ahead.length
    if (missing > left || length > BLOCK_BYTES_MAX) throw new UnusableSnapshotError('it is cut short')
    const buffer = Buffer.allocUnsafe(this.#ahead.length + Math.min(left, Math.max(missing, READ_BYTES)))
    this.#ahead.copy(buffer)
    const rest = buffer.subarray(this.#ahead.length)
    const read = await readFully(this.#file, rest, this.#at + this.#ahead.length)
    if (read < rest.length) throw new UnusableSnapshotError('it was cut short while it was read')
    this.#ahead = buffer
  }
}

function readBlock(bytes: Buffer): ReadBlock {
  try {
    return new ReadBlock(bytes)
  } catch (error) {
    throw new UnusableSnapshotError(`a block of it cannot be understood: ${String(error)}`, { cause: error })
  }
}

function damaged(number: number, at: number): UnusableSnapshotError {
  return new UnusableSnapshotError(`block ${number}, at byte ${at}, is damaged`)
}
