import { FaultInjector, type Fault, type Operation } from './fault-plan.ts'
import type { FileSystem, OpenFile, OpenMode } from './file-system.ts'

export type { Crash, Fail, Fault, Operation, Tear } from './fault-plan.ts'

/** A file that can play a failed fdatasync to its end, as those of MemoryFileSystem can. */
type PlaysFailedSync = OpenFile & { failSync?(code: string): Promise<void> }

/**
 * Any file system, failing by plan. For tests; stands for one process, so wrap the same disk once for each.
 *
 * A failed `syncData` on a file of MemoryFileSystem loses the unsynced bytes as Linux does; on any other the
 * inner file is not called. After a crash of the plan the inner files are closed, as a kernel would do.
 */
export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem
  readonly #open = new Set<OpenFile>()
  readonly #injector: FaultInjector

  constructor(inner: FileSystem, plan: readonly Fault[] = []) {
    this.#inner = inner
    this.#injector = new FaultInjector(plan, () => this.#closeAll())
  }

  /** May be replaced at any time: to heal the disk, or to break it from `calls + 1` on. */
  get plan(): readonly Fault[] {
    return this.#injector.plan
  }

  set plan(plan: readonly Fault[]) {
    this.#injector.plan = plan
  }

  /** How many calls there have been, `size` and the calls of the dead included. */
  get calls(): number {
    return this.#injector.log.length
  }

  /** The names of all calls, in their order. */
  get log(): readonly Operation[] {
    return this.#injector.log
  }

  /** How often an injected fault has fired. A loop over all calls is done when a run leaves this at 0. */
  get surfaced(): number {
    return this.#injector.surfaced
  }

  /** Whether a crash of the plan has happened. */
  get crashed(): boolean {
    return this.#injector.crashed
  }

  makeFolder(path: string): Promise<void> {
    return this.#injector.run({ operation: 'makeFolder', path, carryOut: () => this.#inner.makeFolder(path) })
  }

  list(folder: string): Promise<string[]> {
    return this.#injector.run({ operation: 'list', path: folder, carryOut: () => this.#inner.list(folder) })
  }

  open(path: string, mode: OpenMode): Promise<OpenFile> {
    const carryOut = async () => {
      const inner = await this.#inner.open(path, mode)
      this.#open.add(inner)
      if (this.crashed) await this.#closeAll()
      return new FaultyFile(this.#injector, inner, path, () => this.#letGo(inner))
    }
    return this.#injector.run({ operation: 'open', path, carryOut })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#injector.run({
      operation: 'rename',
      path: from,
      carryOut: () => this.#inner.rename(from, to)
    })
  }

  remove(path: string): Promise<void> {
    return this.#injector.run({ operation: 'remove', path, carryOut: () => this.#inner.remove(path) })
  }

  syncFolder(folder: string): Promise<void> {
    const carryOut = () => this.#inner.syncFolder(folder)
    return this.#injector.run({ operation: 'syncFolder', path: folder, carryOut })
  }

  async #letGo(inner: OpenFile): Promise<void> {
    this.#open.delete(inner)
    await inner.close()
  }

  async #closeAll(): Promise<void> {
    await Promise.allSettled([...this.#open].map((inner) => this.#letGo(inner)))
  }
}

class FaultyFile implements OpenFile {
  readonly #injector: FaultInjector
  readonly #inner: PlaysFailedSync
  readonly #path: string
  readonly #letGo: () => Promise<void>

  constructor(injector: FaultInjector, inner: OpenFile, path: string, letGo: () => Promise<void>) {
    this.#injector = injector
    this.#inner = inner
    this.#path = path
    this.#letGo = letGo
  }

  append(bytes: Uint8Array): Promise<number> {
    return this.#injector.run({
      operation: 'append',
      path: this.#path,
      length: bytes.length,
      carryOut: (limit) => this.#inner.append(bytes.subarray(0, limit))
    })
  }

  writeAt(bytes: Uint8Array, position: number): Promise<number> {
    return this.#injector.run({
      operation: 'writeAt',
      path: this.#path,
      length: bytes.length,
      carryOut: (limit) => this.#inner.writeAt(bytes.subarray(0, limit), position)
    })
  }

  read(into: Uint8Array, position: number): Promise<number> {
    const carryOut = () => this.#inner.read(into, position)
    return this.#injector.run({ operation: 'read', path: this.#path, carryOut })
  }

  size(): number {
    return this.#injector.runNow('size', this.#path, () => this.#inner.size())
  }

  syncData(): Promise<void> {
    return this.#injector.run({
      operation: 'syncData',
      path: this.#path,
      carryOut: () => this.#inner.syncData(),
      whenFailing: async (code) => this.#inner.failSync?.(code)
    })
  }

  close(): Promise<void> {
    const letGo = this.#letGo
    return this.#injector.run({ operation: 'close', path: this.#path, carryOut: letGo, whenFailing: letGo })
  }
}
