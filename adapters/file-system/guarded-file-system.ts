import { ExponentialBackoff, handleWhen, retry, type IPolicy } from 'cockatiel'
import { LedgerError } from '../../domain/ledger.ts'
import type { Breaker } from '../resilience/breaker.ts'
import { Bulkhead } from '../resilience/bulkhead.ts'
import type { FileSystem, OpenFile, OpenMode } from './file-system.ts'

/** What the log expects to come across: answers of a file system that works. */
const answers = new Set(['ENOENT', 'EEXIST', 'EISDIR', 'ENOTDIR', 'EBADF', 'EACCES', 'EPERM'])

/** What may be over the next moment. */
const passing = new Set(['EIO', 'EAGAIN', 'EBUSY', 'EINTR', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETIMEDOUT'])

export interface GuardedFileSystemOptions {
  readonly inner: FileSystem
  /** Counts how the calls end. */
  readonly breaker: Breaker
  /** How often a call that changes nothing is made again, the first time after about `retryBaseMs`. */
  readonly retryTimes: number
  readonly retryBaseMs: number
  /** Reads of files that are only read may be under way so many at once, and so many may wait. */
  readonly readsMax: number
  readonly readsQueuedMax: number
  /** Told of each call that is made again. */
  readonly onRetry?: () => void
}

/** Whether the error says that the disk does not do what it should. */
export function isDiskFailure(error: Error): boolean {
  return !answers.has(codeOf(error))
}

/**
 * A file system whose calls are counted by a breaker, and some of them made again or made to wait. Made again is only what
 * changes nothing: a write may have been carried out in part, and a sync that failed must never be tried again. The end of
 * the log, which is opened for writing, waits for nobody.
 */
export class GuardedFileSystem implements FileSystem {
  readonly reads: Bulkhead
  readonly #inner: FileSystem
  readonly #retry: IPolicy | undefined
  readonly #breaker: Breaker

  constructor(options: GuardedFileSystemOptions) {
    const { inner, breaker, retryTimes, retryBaseMs, readsMax, readsQueuedMax } = options
    this.#inner = inner
    this.#breaker = breaker
    const refusal = (message: string): Error => new LedgerError('queue_full', message)
    this.reads = new Bulkhead({ name: 'fileSystem', limit: readsMax, queueMax: readsQueuedMax, refusal })
    if (retryTimes === 0) return
    // The library's backoff has jitter: those who failed together do not come again together.
    const backoff = new ExponentialBackoff({ initialDelay: retryBaseMs, maxDelay: retryBaseMs * 64 })
    const policy = retry(
      handleWhen((error) => passing.has(codeOf(error))),
      { maxAttempts: retryTimes, backoff }
    )
    policy.onRetry(() => options.onRetry?.())
    this.#retry = policy
  }

  makeFolder(path: string): Promise<void> {
    return this.once(() => this.#inner.makeFolder(path))
  }

  list(folder: string): Promise<string[]> {
    return this.again(() => this.#inner.list(folder))
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    const open = (): Promise<OpenFile> => this.#inner.open(path, mode)
    return new GuardedFile(this, await (mode === 'create' ? this.once(open) : this.again(open)), mode)
  }

  rename(from: string, to: string): Promise<void> {
    return this.once(() => this.#inner.rename(from, to))
  }

  remove(path: string): Promise<void> {
    return this.once(() => this.#inner.remove(path))
  }

  syncFolder(folder: string): Promise<void> {
    return this.once(() => this.#inner.syncFolder(folder))
  }

  /** Makes a call that is not made again. */
  once<Value>(call: () => Promise<Value>): Promise<Value> {
    return this.#breaker.observe(call)
  }

  /** Makes a call that changes nothing, again where it fails in a way that may pass. */
  again<Value>(call: () => Promise<Value>): Promise<Value> {
    return this.#retry === undefined ? this.once(call) : this.#retry.execute(() => this.once(call))
  }
}

class GuardedFile implements OpenFile {
  readonly #guard: GuardedFileSystem
  readonly #inner: OpenFile
  readonly #waits: boolean

  constructor(guard: GuardedFileSystem, inner: OpenFile, mode: OpenMode) {
    this.#guard = guard
    this.#inner = inner
    this.#waits = mode === 'read'
  }

  append(bytes: Uint8Array): Promise<number> {
    return this.#guard.once(() => this.#inner.append(bytes))
  }

  writeAt(bytes: Uint8Array, position: number): Promise<number> {
    return this.#guard.once(() => this.#inner.writeAt(bytes, position))
  }

  read(into: Uint8Array, position: number): Promise<number> {
    const read = (): Promise<number> => this.#inner.read(into, position)
    return this.#guard.again(this.#waits ? () => this.#guard.reads.run(read) : read)
  }

  size(): number {
    return this.#inner.size()
  }

  syncData(): Promise<void> {
    return this.#guard.once(() => this.#inner.syncData())
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code)
}
