import type { OpenFile, OpenMode } from './file-system.ts'
import type { MemoryFile } from './memory-file.ts'
import { systemError } from './system-error.ts'

/** What a handle needs of the disk it is on. */
export interface MemoryDisk {
  /** Carries out the effect when the schedule lets it, and answers when the schedule lets it. */
  perform<Value>(operation: string, path: string, effect: () => Value): Promise<Value>
  /** Bytes left, Infinity without a limit. */
  freeBytes(): number
}

/** One handle; the file behind it is shared with the other handles and outlives its name. */
export class MemoryOpenFile implements OpenFile {
  readonly #disk: MemoryDisk
  readonly #file: MemoryFile
  readonly #path: string
  readonly #mode: OpenMode
  #closed = false
  #failuresTold: number

  constructor(disk: MemoryDisk, file: MemoryFile, path: string, mode: OpenMode) {
    this.#disk = disk
    this.#file = file
    this.#path = path
    this.#mode = mode
    this.#failuresTold = file.syncFailures.count
  }

  async append(bytes: Uint8Array): Promise<number> {
    this.#expect('write', this.#mode === 'append' || this.#mode === 'create')
    return this.#disk.perform('append', this.#path, () => this.#write('write', bytes, this.#file.size))
  }

  async writeAt(bytes: Uint8Array, position: number): Promise<number> {
    this.#expect('pwrite', this.#mode === 'update')
    return this.#disk.perform('writeAt', this.#path, () => this.#write('pwrite', bytes, position))
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    this.#expect('pread')
    return this.#disk.perform('read', this.#path, () => this.#file.read(into, position))
  }

  size(): number {
    this.#expect('fstat')
    return this.#file.size
  }

  async syncData(): Promise<void> {
    this.#expect('fdatasync')
    const lastWrite = this.#file.writes
    await this.#disk.perform('syncData', this.#path, () => {
      this.#file.makeDurable(lastWrite)
      this.#tellFailure()
    })
  }

  /**
   * A sync that fails as on Linux: the file's unsynced bytes are lost to the disk, see the durability model
   * in memory-file-system.ts. Rejects with the given errno code.
   */
  async failSync(code: string): Promise<void> {
    this.#expect('fdatasync')
    await this.#disk.perform('syncData', this.#path, () => {
      this.#file.loseUnsynced(code)
      this.#tellFailure()
    })
  }

  async close(): Promise<void> {
    this.#expect('close')
    this.#closed = true
    await this.#disk.perform('close', this.#path, () => undefined)
  }

  #expect(call: string, allowed = true): void {
    if (this.#closed || !allowed) throw systemError('EBADF', call, this.#path)
  }

  #tellFailure(): void {
    const { count, code } = this.#file.syncFailures
    if (count === this.#failuresTold) return
    this.#failuresTold = count
    throw systemError(code, 'fdatasync', this.#path)
  }

  #write(call: string, bytes: Uint8Array, position: number): number {
    const fits = this.#file.size + this.#disk.freeBytes() - position
    if (bytes.length > 0 && fits <= 0) throw systemError('ENOSPC', call, this.#path)
    const written = bytes.subarray(0, Math.min(bytes.length, fits))
    this.#file.write(written, position)
    return written.length
  }
}
