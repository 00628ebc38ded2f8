import type { FileSystem, OpenFile } from '../../../adapters/file-system/file-system.ts'

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text of bytes; zeros are shown as dots. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll('\0', '.')
}

/** The whole of an open file, however short its reads are. */
export async function textIn(file: OpenFile): Promise<string> {
  const bytes = new Uint8Array(file.size())
  let length = 0
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length), length)
    if (read === 0) break
    length += read
  }
  return textOf(bytes.subarray(0, length))
}

/** A file with a synced text, its name not synced. */
export async function syncedFile(files: FileSystem, path: string, text: string): Promise<OpenFile> {
  const file = await files.open(path, 'create')
  await file.append(bytesOf(text))
  await file.syncData()
  return file
}
