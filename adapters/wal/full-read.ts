import type { OpenFile } from '../file-system/file-system.ts'

/** Reads until `into` is full or the file ends, however short the single reads are; returns the bytes read. */
export async function readFully(file: OpenFile, into: Buffer, position: number): Promise<number> {
  let length = 0
  while (length < into.length) {
    const read = await file.read(into.subarray(length), position + length)
    if (read === 0) break
    length += read
  }
  return length
}
