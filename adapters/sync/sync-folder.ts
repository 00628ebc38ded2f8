import { mkdir, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import writeFileAtomic from 'write-file-atomic'
import { NodeFileSystem } from '../file-system/node-file-system.ts'

const FORMAT = 'bincard-sync-1'
const NEWLINE = 0x0a
/** As write-file-atomic calls what it has not finished. */
const UNFINISHED_NAME = /\.\d+$/
/** Nobody is still at a file that was last written so long ago. */
const LEFT_BEHIND_MS = 3_600_000
/** A new name is durable only when its folder is (fsync(2)). */
const disk = new NodeFileSystem()

/** A file that does not hold what was written into it. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError'
  readonly path: string

  constructor(path: string, why: string) {
    super(`${path} cannot be used: ${why}`)
    this.path = path
  }
}

/**
 * The files of the synchronization below the data folder. Each is JSON under a line with its checksum, and is replaced
 * as a whole: whoever reads sees what was there before or what is there now.
 */
export class SyncFolder {
  readonly path: string

  constructor(dataFolder: string) {
    this.path = join(dataFolder, 'sync')
  }

  pathOf(name: string): string {
    return join(this.path, name)
  }

  /** Makes the folder, and one in it where a name is given. */
  async make(name = ''): Promise<void> {
    const folder = this.pathOf(name)
    await mkdir(folder, { recursive: true })
    await disk.syncFolder(dirname(folder))
    await disk.syncFolder(dirname(this.path))
  }

  /** Removes what writers that died have left of files that they had not finished. */
  async removeLeftBehind(): Promise<void> {
    const names = (await readdir(this.path, { recursive: true }).catch(noneMissing)) ?? []
    for (const name of names.filter((one) => UNFINISHED_NAME.test(one))) {
      // Another process may have come before, and what cannot be removed now is there the next time.
      const { mtimeMs } = await stat(this.pathOf(name)).catch(() => ({ mtimeMs: Infinity }))
      if (mtimeMs < Date.now() - LEFT_BEHIND_MS) await this.removeFleeting(name).catch(() => false)
    }
  }

  /** The names in the folder, or in the one of that name in it; none where it is missing. */
  async list(name = ''): Promise<string[]> {
    return (await readdir(this.pathOf(name)).catch(noneMissing)) ?? []
  }

  /** Durable, its name too, when it resolves. Where it rejects, the file is as it was. */
  async write(name: string, value: unknown): Promise<void> {
    const path = this.pathOf(name)
    const bytes = contentOf(value)
    await writeFileAtomic(path, '', { tmpfileCreated: fillWith(bytes) })
    await disk.syncFolder(dirname(path))
  }

  /** As `write`, but a power cut may undo it: for what is outdated by then. */
  async writeFleeting(name: string, value: unknown): Promise<void> {
    const bytes = contentOf(value)
    await writeFileAtomic(this.pathOf(name), '', { fsync: false, tmpfileCreated: fillWith(bytes) })
  }

  /** What the file holds; undefined where there is none. Throws a DamagedFileError where its checksum does not fit. */
  async read(name: string): Promise<unknown> {
    const path = this.pathOf(name)
    const bytes = await readFile(path).catch(noneMissing)
    return bytes === undefined ? undefined : valueOf(bytes, path)
  }

  /** Durable when it resolves. False where there was no such file. */
  async remove(name: string): Promise<boolean> {
    const isRemoved = await this.removeFleeting(name)
    await disk.syncFolder(dirname(this.pathOf(name))).catch(noneMissing)
    return isRemoved
  }

  /** As `remove`, but a power cut may undo it. */
  removeFleeting(name: string): Promise<boolean> {
    return unlink(this.pathOf(name)).then(
      () => true,
      (error: unknown) => noneMissing(error) ?? false
    )
  }
}

/**
 * Writes the bytes before write-file-atomic, which does not look at how many of its own were written: on a full disk it
 * would put a part of them in the place of the whole. This checks each, and lets the write fail.
 */
function fillWith(bytes: Buffer): (path: string) => void {
  // Its types do not say so, but it waits for the promise.
  return (path) => writeFile(path, bytes, { flag: 'r+' }) as unknown as undefined
}

function contentOf(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value))
  return Buffer.concat([Buffer.from(`${FORMAT} ${checksumOf(body)}\n`), body, Buffer.from('\n')])
}

function valueOf(bytes: Buffer, path: string): unknown {
  const end = bytes.indexOf(NEWLINE)
  const [format, checksum] = bytes.toString('latin1', 0, Math.max(0, end)).split(' ')
  if (format !== FORMAT) throw new DamagedFileError(path, 'it is of another format')
  const body = bytes.subarray(end + 1, -1)
  if (bytes.at(-1) !== NEWLINE || checksumOf(body) !== checksum) {
    throw new DamagedFileError(path, 'its checksum does not fit')
  }
  return JSON.parse(body.toString('utf8'))
}

function checksumOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0')
}

function noneMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
