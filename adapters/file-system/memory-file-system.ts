/**
 * A file system in memory that can lose power.
 *
 * The durability model
 *
 * Bytes. A file has current content, which every handle reads, and durable content, which is on the disk.
 * A write changes the current content. `syncData` carries to the durable content what was written before its
 * call, through any handle; what is written while it runs has to wait for the next one.
 *
 * Names. A folder has current names and durable names. Making, renaming and removing change the current
 * ones, `syncFolder` carries them over. A file whose bytes are synced and whose name is not may be lost as a
 * whole; so may everything in a folder whose own name was never synced in the folder above it. A rename
 * within one folder is one step, on the disk too. A rename from one folder to another is one step to readers
 * and two on the disk, each durable with its folder, so that a power cut may find both names, or neither.
 *
 * A failed sync is that of Linux since 4.13. The bytes stay readable and count as clean: they are not on the
 * disk, no later sync puts them there unless they are written again, and a power cut loses them. Bytes
 * appended and synced afterwards are durable, behind a hole of zeros. Each handle that was open is told of
 * the failure once, by the rejection of its own next `syncData`; one opened later is not told at all.
 *
 * A power cut (`crash`) leaves every durable byte and name. Of the others it leaves, by `keepUnsynced`:
 * - 'none': nothing.
 * - 'some': a share chosen by the seed. Of a folder's changes the first few. Of a file's bytes a tail torn at
 *   any byte, or sectors of 512 bytes missing (zeros where the file has grown, old bytes elsewhere), or both.
 * - 'all': everything, and nothing becomes durable by it. That is kill -9: the page cache lives on, and a
 *   power cut after it can still take what nobody has synced. Only the handles are gone.
 *
 * Stricter than most disks: Linux keeps books by page, not by byte, and ext4 writes many a name together
 * with its file's bytes. Nobody may rely on that.
 */
import type { FileSystem, OpenFile, OpenMode } from './file-system.ts'
import { MemoryFile, type KeepUnsynced } from './memory-file.ts'
import { filesIn, find, findFolder, MemoryFolder, partsOf } from './memory-folder.ts'
import { MemoryOpenFile, type MemoryDisk } from './memory-open-file.ts'
import { seededRandom } from './seeded-random.ts'
import { systemError } from './system-error.ts'

/** A moment at which a call waits for the schedule: before it takes effect, and before it is answered. */
export interface ScheduledMoment {
  readonly operation: string
  readonly path: string
  readonly moment: 'effect' | 'answer'
}

/** Orders the calls: each moment passes when the promise resolves. REQUIRES: it never rejects. */
export type Schedule = (moment: ScheduledMoment) => Promise<unknown>

export interface MemoryFileSystemOptions {
  /** Bytes in all named files together, Infinity by default. What fits is written, then ENOSPC. */
  capacityBytes?: number
  /** By default each moment waits for the next turn of the event loop, as the answers of a disk do. */
  schedule?: Schedule
}

export interface CrashOptions {
  /** Chooses what 'some' keeps; the same seed on the same state finds the same disk. 0 by default. */
  seed?: number
  /** 'none' by default. */
  keepUnsynced?: KeepUnsynced
}

const nextTurn: Schedule = () => new Promise((resolve) => setImmediate(resolve))

/** See the durability model above. Paths are absolute or start at the root all the same; the root exists. */
export class MemoryFileSystem implements FileSystem {
  /** May be changed at any time, to fill a disk or to make room on it. */
  capacityBytes: number
  /** May be changed at any time; applies from the next moment on. */
  schedule: Schedule
  #root = new MemoryFolder()
  readonly #disk: MemoryDisk

  constructor(options: MemoryFileSystemOptions = {}) {
    this.capacityBytes = options.capacityBytes ?? Infinity
    this.schedule = options.schedule ?? nextTurn
    this.#disk = {
      perform: (operation, path, effect) => this.#perform(operation, path, effect),
      freeBytes: () => this.#freeBytes()
    }
  }

  makeFolder(path: string): Promise<void> {
    return this.#perform('makeFolder', path, () => {
      const parts = partsOf(path)
      let folder = this.#root
      for (const [depth, part] of parts.entries()) {
        const next = folder.entries.get(part) ?? new MemoryFolder()
        if (next instanceof MemoryFile)
          throw systemError(depth === parts.length - 1 ? 'EEXIST' : 'ENOTDIR', 'mkdir', path)
        if (!folder.entries.has(part)) folder.change([[part, next]])
        folder = next
      }
    })
  }

  list(folder: string): Promise<string[]> {
    return this.#perform('list', folder, () =>
      [...findFolder(this.#root, folder, 'scandir').entries.keys()].sort()
    )
  }

  open(path: string, mode: OpenMode): Promise<OpenFile> {
    return this.#perform('open', path, () => {
      const { folder, name } = this.#placeOf(path, 'open')
      let file = name === '' ? folder : folder.entries.get(name)
      if (mode === 'create') {
        if (file) throw systemError('EEXIST', 'open', path)
        file = new MemoryFile()
        folder.change([[name, file]])
      }
      if (!file) throw systemError('ENOENT', 'open', path)
      if (file instanceof MemoryFolder) throw systemError('EISDIR', 'open', path)
      return new MemoryOpenFile(this.#disk, file, path, mode)
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#perform('rename', from, () => {
      const source = this.#placeOf(from, 'rename')
      const target = this.#placeOf(to, 'rename')
      const node = source.folder.entries.get(source.name)
      const replaced = target.folder.entries.get(target.name)
      if (!node) throw systemError('ENOENT', 'rename', from)
      if (node === replaced) return
      if (isAbove(from, to)) throw systemError('EINVAL', 'rename', from)
      if (isAbove(to, from)) throw systemError('ENOTEMPTY', 'rename', from)
      if (node instanceof MemoryFile && replaced instanceof MemoryFolder)
        throw systemError('EISDIR', 'rename', from)
      if (node instanceof MemoryFolder && replaced instanceof MemoryFile)
        throw systemError('ENOTDIR', 'rename', from)
      if (replaced instanceof MemoryFolder && replaced.entries.size > 0)
        throw systemError('ENOTEMPTY', 'rename', from)
      if (source.folder === target.folder) {
        source.folder.change([
          [source.name, undefined],
          [target.name, node]
        ])
        return
      }
      target.folder.change([[target.name, node]])
      source.folder.change([[source.name, undefined]])
    })
  }

  remove(path: string): Promise<void> {
    return this.#perform('remove', path, () => {
      if (find(this.#root, path, 'unlink') instanceof MemoryFolder)
        throw systemError('EISDIR', 'unlink', path)
      const { folder, name } = this.#placeOf(path, 'unlink')
      folder.change([[name, undefined]])
    })
  }

  async syncFolder(folder: string): Promise<void> {
    const found = findFolder(this.#root, folder, 'open')
    const lastChange = found.changes
    await this.#perform('syncFolder', folder, () => found.makeDurable(lastChange))
  }

  /** The disk as it would be found after a crash at this moment; this one is left as it is. */
  crash({ seed = 0, keepUnsynced = 'none' }: CrashOptions = {}): MemoryFileSystem {
    const found = new MemoryFileSystem({ capacityBytes: this.capacityBytes, schedule: this.schedule })
    found.#root = this.#root.afterCrash(keepUnsynced, seededRandom(seed))
    return found
  }

  // For tests: at once, past the schedule, and on the disk as well as in memory.

  /** The paths of all files, absolute and sorted. */
  paths(): string[] {
    return filesIn(this.#root).map(({ path }) => path)
  }

  /** A copy of a file's current bytes. */
  readAll(path: string): Uint8Array {
    return this.#fileAt(path).bytes()
  }

  /** Exclusive-ors one byte with the mask, all bits by default. Throws RangeError past the end. */
  flipByte(path: string, offset: number, mask = 0xff): void {
    this.#fileAt(path).flip(offset, mask)
  }

  /** Cuts a file to its first `length` bytes. Throws RangeError where it is shorter. */
  truncate(path: string, length: number): void {
    this.#fileAt(path).cut(length)
  }

  removeFile(path: string): void {
    this.#fileAt(path)
    this.removeFolder(path)
  }

  /** Takes a folder away with all that is in it. */
  removeFolder(path: string): void {
    const { folder, name } = this.#placeOf(path, 'remove')
    if (!folder.entries.has(name)) throw systemError('ENOENT', 'remove', path)
    folder.forget(name)
  }

  async #perform<Value>(operation: string, path: string, effect: () => Value): Promise<Value> {
    await this.schedule({ operation, path, moment: 'effect' })
    try {
      return effect()
    } finally {
      await this.schedule({ operation, path, moment: 'answer' })
    }
  }

  #freeBytes(): number {
    if (this.capacityBytes === Infinity) return Infinity
    const used = filesIn(this.#root).reduce((sum, { file }) => sum + file.size, 0)
    return Math.max(0, this.capacityBytes - used)
  }

  #placeOf(path: string, call: string): { folder: MemoryFolder; name: string } {
    const parts = partsOf(path)
    const name = parts.pop() ?? ''
    return { folder: findFolder(this.#root, path, call, parts), name }
  }

  #fileAt(path: string): MemoryFile {
    const node = find(this.#root, path, 'read')
    if (node instanceof MemoryFolder) throw systemError('EISDIR', 'read', path)
    return node
  }
}

function isAbove(path: string, other: string): boolean {
  const parts = partsOf(path)
  const others = partsOf(other)
  return parts.length < others.length && parts.every((part, index) => part === others[index])
}
