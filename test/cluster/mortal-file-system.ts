import type { FileSystem, OpenFile, OpenMode } from '../../adapters/file-system/file-system.ts'

/**
 * A disk as one process sees it, which may be killed: from then on nothing it has asked for is answered. What it has
 * written stays, as after kill -9.
 */
export class MortalFileSystem implements FileSystem {
  readonly #disk: FileSystem
  #isDead = false

  constructor(disk: FileSystem) {
    this.#disk = disk
  }

  kill(): void {
    this.#isDead = true
  }

  makeFolder(path: string): Promise<void> {
    return this.#alive(() => this.#disk.makeFolder(path))
  }

  list(folder: string): Promise<string[]> {
    return this.#alive(() => this.#disk.list(folder))
  }

  open(path: string, mode: OpenMode): Promise<OpenFile> {
    return this.#alive(async () => this.#mortal(await this.#disk.open(path, mode)))
  }

  rename(from: string, to: string): Promise<void> {
    return this.#alive(() => this.#disk.rename(from, to))
  }

  remove(path: string): Promise<void> {
    return this.#alive(() => this.#disk.remove(path))
  }

  syncFolder(folder: string): Promise<void> {
    return this.#alive(() => this.#disk.syncFolder(folder))
  }

  #mortal(file: OpenFile): OpenFile {
    return {
      append: (bytes) => this.#alive(() => file.append(bytes)),
      writeAt: (bytes, position) => this.#alive(() => file.writeAt(bytes, position)),
      read: (into, position) => this.#alive(() => file.read(into, position)),
      size: () => file.size(),
      syncData: () => this.#alive(() => file.syncData()),
      close: () => this.#alive(() => file.close())
    }
  }

  async #alive<Value>(call: () => Promise<Value>): Promise<Value> {
    if (this.#isDead) return await never
    const value = await call()
    return this.#isDead ? await never : value
  }
}

const never = new Promise<never>(() => undefined)
