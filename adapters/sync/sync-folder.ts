import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { readFully } from '../wal/full-read.ts'
import { nodeSyncDisk, type SyncDisk } from './sync-disk.ts'

const FORMAT = 'bincard-sync-1'
const NEWLINE = 0x0a
/** As write-file-atomic calls what it has not finished. */
const UNFINISHED_NAME = /\.\d+$/
/** Nobody is still at a file that was last written so long ago. */
const LEFT_BEHIND_MS = 3_600_000

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
  readonly #disk: SyncDisk

  constructor(dataFolder: string, disk: SyncDisk = nodeSyncDisk) {
    this.path = join(dataFolder, 'sync')
    this.#disk = disk
  }

  pathOf(name: string): string {
    return join(this.path, name)
  }

  /** Makes the folder, and one in it where a name is given. */
  async make(name = ''): Promise<void> {
    const { fileSystem } = this.#disk
    const folder = this.pathOf(name)
    await fileSystem.makeFolder(folder)
    // A new name is durable only when its folder is (fsync(2)).
    await fileSystem.syncFolder(dirname(folder))
    await fileSystem.syncFolder(dirname(this.path))
  }

  /** Removes what writers that died have left of files that they had not finished. */
  async removeLeftBehind(): Promise<void> {
    const names = await this.list()
    for (const folder of [...names]) {
      const within = await this.list(folder).catch(noneIn)
      names.push(...within.map((name) => `${folder}/${name}`))
    }
    for (const name of names.filter((one) => UNFINISHED_NAME.test(one))) {
      // Another process may have come before, and what cannot be removed now is there the next time.
      const modifiedAt = await this.#disk.modifiedAt(this.pathOf(name)).catch(() => Infinity)
      if (modifiedAt < Date.now() - LEFT_BEHIND_MS) await this.removeFleeting(name).catch(() => false)
    }
  }

  /** The names in the folder, or in the one of that name in it; none where it is missing. */
  async list(name = ''): Promise<string[]> {
    return (await this.#disk.fileSystem.list(this.pathOf(name)).catch(noneMissing)) ?? []
  }

  /** Durable, its name too, when it resolves. Where it rejects, the file is as it was. */
  async write(name: string, value: unknown): Promise<void> {
    const path = this.pathOf(name)
    await this.#disk.replace(path, contentOf(value), true)
    await this.#disk.fileSystem.syncFolder(dirname(path))
  }

  /** As `write`, but a power cut may undo it: for what is outdated by then. */
  async writeFleeting(name: string, value: unknown): Promise<void> {
    await this.#disk.replace(this.pathOf(name), contentOf(value), false)
  }

  /** Makes an empty file, as `writeFleeting` does. Rejects with EEXIST where there is one: only one process makes it. */
  async createFleeting(name: string): Promise<void> {
    const file = await this.#disk.fileSystem.open(this.pathOf(name), 'create')
    await file.close()
  }

  /** What the file holds; undefined where there is none. Throws a DamagedFileError where its checksum does not fit. */
  async read(name: string): Promise<unknown> {
    const path = this.pathOf(name)
    const file = await this.#disk.fileSystem.open(path, 'read').catch(noneMissing)
    if (file === undefined) return undefined
    try {
      const bytes = Buffer.alloc(file.size())
      return valueOf(bytes.subarray(0, await readFully(file, bytes, 0)), path)
    } finally {
      await file.close()
    }
  }

  /** Durable when it resolves. False where there was no such file. */
  async remove(name: string): Promise<boolean> {
    const isRemoved = await this.removeFleeting(name)
    await this.#disk.fileSystem.syncFolder(dirname(this.pathOf(name))).catch(noneMissing)
    return isRemoved
  }

  /** As `remove`, but a power cut may undo it. */
  removeFleeting(name: string): Promise<boolean> {
    return this.#disk.fileSystem.remove(this.pathOf(name)).then(
      () => true,
      (error: unknown) => noneMissing(error) ?? false
    )
  }

  /** Locks the name among all processes; see `SyncDisk`. */
  lock(name: string, onCompromised: () => void): Promise<() => Promise<void>> {
    return this.#disk.lock(this.pathOf(name), onCompromised)
  }
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

function noneIn(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error
  return []
}
