import fs from 'node:fs'
import type { FileSystem, OpenFile, OpenMode } from './file-system.ts'
import { systemError } from './system-error.ts'

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR } = fs.constants

const flagsOf: Record<OpenMode, number> = {
  append: O_RDWR | O_APPEND,
  create: O_RDWR | O_APPEND | O_CREAT | O_EXCL,
  read: O_RDONLY,
  update: O_RDWR
}

/**
 * A short append only copies bytes into the page cache, and a short read of what was just appended copies them out of it:
 * that takes less time than handing it to another thread and coming back. It is the sync that waits for the disk.
 */
const AT_ONCE_BYTES_MAX = 64 * 1024

/** The file system of the machine. Each call is the one system call that the port names for it. */
export class NodeFileSystem implements FileSystem {
  async makeFolder(path: string): Promise<void> {
    await fs.promises.mkdir(path, { recursive: true })
  }

  async list(folder: string): Promise<string[]> {
    return (await fs.promises.readdir(folder)).sort()
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    const descriptor = await openDescriptor(path, flagsOf[mode])
    // open(2) lets a folder be opened for reading and complains at the first read only.
    if (mode === 'read' && fs.fstatSync(descriptor).isDirectory()) {
      await closeDescriptor(descriptor)
      throw systemError('EISDIR', 'open', path)
    }
    return new NodeOpenFile(path, mode, descriptor)
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(from, to)
  }

  remove(path: string): Promise<void> {
    return fs.promises.unlink(path)
  }

  async syncFolder(folder: string): Promise<void> {
    const handle = await fs.promises.open(folder, O_RDONLY | O_DIRECTORY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

type Done<Value> = (error: NodeJS.ErrnoException | null, value: Value) => void

/** Raw descriptors and callbacks: a FileHandle costs more on each of the calls that every request makes. */
class NodeOpenFile implements OpenFile {
  readonly #path: string
  readonly #appends: boolean
  readonly #updates: boolean
  readonly #descriptor: number
  #closed = false
  #underWay = 0
  #whenIdle: (() => void) | undefined

  constructor(path: string, mode: OpenMode, descriptor: number) {
    this.#path = path
    this.#appends = mode === 'append' || mode === 'create'
    this.#updates = mode === 'update'
    this.#descriptor = descriptor
  }

  append(bytes: Uint8Array): Promise<number> {
    if (bytes.byteLength <= AT_ONCE_BYTES_MAX) {
      return this.#callAtOnce('write', this.#appends, () =>
        fs.writeSync(this.#descriptor, bytes, 0, bytes.byteLength, null)
      )
    }
    return this.#call('write', this.#appends, (done: Done<number>) =>
      fs.write(this.#descriptor, bytes, 0, bytes.byteLength, null, done)
    )
  }

  writeAt(bytes: Uint8Array, position: number): Promise<number> {
    return this.#call('pwrite', this.#updates, (done: Done<number>) =>
      fs.write(this.#descriptor, bytes, 0, bytes.byteLength, position, done)
    )
  }

  read(into: Uint8Array, position: number): Promise<number> {
    if (this.#appends && into.byteLength <= AT_ONCE_BYTES_MAX) {
      return this.#callAtOnce('pread', true, () =>
        fs.readSync(this.#descriptor, into, 0, into.byteLength, position)
      )
    }
    return this.#call('pread', true, (done: Done<number>) =>
      fs.read(this.#descriptor, into, 0, into.byteLength, position, done)
    )
  }

  size(): number {
    if (this.#closed) throw systemError('EBADF', 'fstat', this.#path)
    return fs.fstatSync(this.#descriptor).size
  }

  syncData(): Promise<void> {
    return this.#call('fdatasync', true, (done: Done<void>) =>
      fs.fdatasync(this.#descriptor, done as fs.NoParamCallback)
    )
  }

  async close(): Promise<void> {
    if (this.#closed) throw systemError('EBADF', 'close', this.#path)
    this.#closed = true
    // A number closed under a running call can be given to another file before that call gets to use it.
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
    await closeDescriptor(this.#descriptor)
  }

  #callAtOnce<Value>(name: string, allowed: boolean, call: () => Value): Promise<Value> {
    if (this.#closed || !allowed) return Promise.reject(systemError('EBADF', name, this.#path))
    try {
      return Promise.resolve(call())
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #call<Value>(name: string, allowed: boolean, start: (done: Done<Value>) => void): Promise<Value> {
    if (this.#closed || !allowed) return Promise.reject(systemError('EBADF', name, this.#path))
    return new Promise((resolve, reject) => {
      start((error, value) => {
        this.#underWay -= 1
        if (error) reject(error)
        else resolve(value)
        if (this.#underWay === 0) this.#whenIdle?.()
      })
      this.#underWay += 1
    })
  }
}

function openDescriptor(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, 0o666, (error, descriptor) => (error ? reject(error) : resolve(descriptor)))
  })
}

function closeDescriptor(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.close(descriptor, (error) => (error ? reject(error) : resolve()))
  })
}
