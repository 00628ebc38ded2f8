/*
 * The wire format, frozen. A frame is one line of text between two newlines:
 *
 *     \n<crc32 of the body, 8 hex> <length of the body in bytes, 10 digits> <body, JSON>\n
 *
 * JSON holds no raw newline, so the leading one ends whatever a writer that died left behind, and a reader
 * always finds the next frame. `tail -n 1 *.wal | cut -c 21- | jq` shows the newest unit.
 */
export const NEWLINE = 0x0a
const SPACE = 0x20
const CHECKSUM_LENGTH = 8
const LENGTH_DIGITS = 10
/** What stands before the body on its line. */
export const HEADER_LENGTH = CHECKSUM_LENGTH + 1 + LENGTH_DIGITS + 1

/** Digit by digit into the bytes: a text made for each frame would cost more than its checksum. */
export function writeHeader(bytes: Buffer, start: number, checksum: number, bodyLength: number): void {
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

/** Where the newline behind the line at `start` stands, by what its header says; -1 where there is no header. */
export function statedEnd(bytes: Buffer, start: number): number {
  const bodyStart = start + HEADER_LENGTH
  if (bytes[start + CHECKSUM_LENGTH] !== SPACE || bytes[bodyStart - 1] !== SPACE) return -1
  const length = parseDecimal(bytes, start + CHECKSUM_LENGTH + 1)
  return length < 0 ? -1 : bodyStart + length
}

/** The checksum that the header at `at` states; -1 where it states none. */
export function statedChecksum(bytes: Buffer, at: number): number {
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
