import { crc32 } from 'node:zlib'
import { HEADER_LENGTH, NEWLINE, statedChecksum, statedEnd } from './frame-header.ts'

/*
 * To call for the checksum of a short frame costs several times what its bytes do. So a run of frames is checked by the
 * checksum of all its bytes at once, held against the one that follows from what the frames state: a CRC of two parts
 * follows from those of the parts and the length of the second (zlib's crc32_combine, https://zlib.net/manual.html).
 */

/** The frames of less are checked one by one as fast. */
const RUN_BYTES_MIN = 4096
/** The lengths of most bodies; what it takes to add a body is kept for each length. */
const BODY_LENGTH_MAX = 1024
/** The polynomial of ISO 3309, its lowest power first. */
const POLYNOMIAL = 0xedb88320
const NIBBLES = 8
const NIBBLE_VALUES = 16

/** What each value of a byte does to a checksum. */
const bytesTable = Uint32Array.from({ length: 256 }, (_, byte) => afterZeroBits(byte, 8))
/** By length, what so many more bytes do to each nibble of the checksum of what is before them. */
const shifts: (Uint32Array | undefined)[] = []

/**
 * Where a run of frames ends that begins with the first byte and whose checksums are all right; 0 where there is no run,
 * or not all of them are. Whatever is not in it has to be looked at by itself.
 */
export function soundRunEnd(bytes: Buffer): number {
  if (bytes.length < RUN_BYTES_MIN) return 0
  let stated = 0
  let at = 0
  for (;;) {
    let start = at
    while (bytes[start] === NEWLINE) start += 1
    const end = statedEnd(bytes, start)
    const bodyStart = start + HEADER_LENGTH
    const checksum = statedChecksum(bytes, start)
    if (bytes[end] !== NEWLINE || end - bodyStart > BODY_LENGTH_MAX || checksum < 0) break
    stated = withBody(withBytes(stated, bytes, at, bodyStart), checksum, end - bodyStart)
    at = end
  }
  return at >= RUN_BYTES_MIN && crc32(bytes.subarray(0, at)) === stated ? at : 0
}

/** The checksum of what has this one with the bytes from `start` to `end` behind it. */
function withBytes(checksum: number, bytes: Buffer, start: number, end: number): number {
  let rest = ~checksum
  for (let at = start; at < end; at += 1) {
    rest = (bytesTable[(rest ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (rest >>> 8)
  }
  return ~rest >>> 0
}

/** The checksum of what has this one with a body behind it that has the other. */
function withBody(checksum: number, bodyChecksum: number, length: number): number {
  const shift = (shifts[length] ??= shiftOf(length))
  let shifted = 0
  for (let nibble = 0; nibble < NIBBLES; nibble += 1) {
    shifted ^= shift[nibble * NIBBLE_VALUES + ((checksum >>> (4 * nibble)) & 0xf)] ?? 0
  }
  return (shifted ^ bodyChecksum) >>> 0
}

function shiftOf(length: number): Uint32Array {
  const shift = new Uint32Array(NIBBLES * NIBBLE_VALUES)
  for (let bit = 0; bit < 32; bit += 1) {
    let word = (1 << bit) >>> 0
    for (let byte = 0; byte < length; byte += 1) word = (bytesTable[word & 0xff] ?? 0) ^ (word >>> 8)
    const [nibble, mask] = [bit >>> 2, 1 << (bit & 3)]
    for (let value = 0; value < NIBBLE_VALUES; value += 1) {
      const place = nibble * NIBBLE_VALUES + value
      // A sum of what its bits come to: the checksum is linear.
      if ((value & mask) !== 0) shift[place] = (shift[place] ?? 0) ^ word
    }
  }
  return shift
}

function afterZeroBits(word: number, count: number): number {
  let rest = word
  for (let bit = 0; bit < count; bit += 1) rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1
  return rest >>> 0
}
