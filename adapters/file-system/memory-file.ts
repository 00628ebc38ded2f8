import { below, type Random } from './seeded-random.ts'

/** What a crash leaves of the bytes and names that were never synced. See memory-file-system.ts. */
export type KeepUnsynced = 'none' | 'all' | 'some'

/** A disk writes one sector as a whole or not at all; the page cache writes pages in any order. */
const sectorBytes = 512

interface Write {
  /** The place in the order of all writes to the file, from 1. */
  readonly number: number
  readonly position: number
  readonly bytes: Uint8Array
}

/**
 * One file's bytes, without a name: `current` is what everybody reads, `durable` what is on the disk, and
 * `unsynced` the writes that a sync would still carry from one to the other, in their order.
 */
export class MemoryFile {
  #current = new GrowingBytes()
  #durable = new GrowingBytes()
  #unsynced: Write[] = []
  #writes = 0
  #syncFailures = 0
  #syncFailureCode = 'EIO'

  /** Length in bytes, as everybody sees it. */
  get size(): number {
    return this.#current.length
  }

  /** How many writes there have been: a sync covers those before its call. */
  get writes(): number {
    return this.#writes
  }

  /** How often a sync of this file has failed, and the errno code of the last time. */
  get syncFailures(): { count: number; code: string } {
    return { count: this.#syncFailures, code: this.#syncFailureCode }
  }

  /** A copy of the current bytes. */
  bytes(): Uint8Array {
    return this.#current.view().slice()
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return
    this.#writes += 1
    this.#current.write(bytes, position)
    this.#unsynced.push({ number: this.#writes, position, bytes: bytes.slice() })
  }

  read(into: Uint8Array, position: number): number {
    const found = this.#current.view().subarray(position, position + into.length)
    into.set(found)
    return found.length
  }

  /** Carries the writes up to and with `lastWrite` to the disk. */
  makeDurable(lastWrite: number): void {
    const later = this.#unsynced.findIndex((write) => write.number > lastWrite)
    const covered = this.#unsynced.splice(0, later === -1 ? this.#unsynced.length : later)
    for (const write of covered) this.#durable.write(write.bytes, write.position)
  }

  /** What a failed fdatasync does: the unsynced bytes stay readable but count as clean from now on. */
  loseUnsynced(code: string): void {
    this.#unsynced = []
    this.#syncFailures += 1
    this.#syncFailureCode = code
  }

  /** Damage: exclusive-ors one byte wherever it is kept. */
  flip(offset: number, mask: number): void {
    if (offset < 0 || offset >= this.size) throw new RangeError(`no byte at ${offset}, size ${this.size}`)
    flipIn(this.#current.view(), offset, mask)
    flipIn(this.#durable.view(), offset, mask)
    for (const write of this.#unsynced) flipIn(write.bytes, offset - write.position, mask)
  }

  /** Damage: cuts the file to `length` bytes, on the disk too. */
  cut(length: number): void {
    if (length < 0 || length > this.size) throw new RangeError(`cannot cut ${this.size} bytes to ${length}`)
    this.#current.resize(length)
    this.#durable.resize(Math.min(length, this.#durable.length))
    this.#unsynced = this.#unsynced
      .filter((write) => write.position < length)
      .map((write) => ({ ...write, bytes: write.bytes.subarray(0, length - write.position) }))
  }

  /** The file as it is found after a crash. */
  afterCrash(keep: KeepUnsynced, random: Random): MemoryFile {
    const found = new MemoryFile()
    if (keep === 'all') {
      found.#current.write(this.#current.view(), 0)
      found.#durable.write(this.#durable.view(), 0)
      found.#unsynced = this.#unsynced.map((write) => ({ ...write, bytes: write.bytes.slice() }))
      found.#writes = this.#writes
      return found
    }
    const bytes = keep === 'some' ? this.#partlyWritten(random) : this.#durable.view()
    found.#current.write(bytes, 0)
    found.#durable.write(bytes, 0)
    return found
  }

  /**
   * The disk after a power cut in the middle of writing back: the tail torn at any byte, or sectors that
   * were never reached (zeros where the file has grown, the old bytes elsewhere), or both.
   */
  #partlyWritten(random: Random): Uint8Array {
    const old = this.#durable.view()
    const whole = new GrowingBytes()
    whole.write(old, 0)
    for (const write of this.#unsynced) whole.write(write.bytes, write.position)

    const damage = below(3, random)
    const tears = damage !== 1
    const skips = damage !== 0
    const length = tears ? old.length + below(whole.length - old.length + 1, random) : whole.length
    const found = whole.view().slice(0, length)
    for (let start = 0; skips && start < length; start += sectorBytes) {
      if (random() < 0.5) continue
      const end = Math.min(start + sectorBytes, length)
      found.fill(0, start, end)
      found.set(old.subarray(start, end), start)
    }
    return found
  }
}

/** Bytes that grow; what lies between the old end and a write past it reads as zeros. */
class GrowingBytes {
  /** Zeros from `length` on. */
  #bytes = new Uint8Array(0)
  length = 0

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  write(bytes: Uint8Array, position: number): void {
    if (position + bytes.length > this.length) this.resize(position + bytes.length)
    this.#bytes.set(bytes, position)
  }

  resize(length: number): void {
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2))
      grown.set(this.view())
      this.#bytes = grown
    }
    this.#bytes.fill(0, length, this.length)
    this.length = length
  }
}

function flipIn(bytes: Uint8Array, offset: number, mask: number): void {
  const byte = bytes[offset]
  if (byte !== undefined) bytes[offset] = byte ^ mask
}
