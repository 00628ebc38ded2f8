import { mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import lockfile from 'proper-lockfile'
import { digestOf, type LeaseKey } from './key.ts'

export type LeaseEvent = 'acquired' | 'contended' | 'stolen' | 'expired' | 'lost' | 'releaseFailed'

export interface LeaseSettings {
  readonly folder: string
  /** How long a lease lives that is not renewed. */
  readonly ttlMs: number
  readonly renewMs: number
  /** Stands in the file of the lease, for people. */
  readonly ownerId: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onEvent: (event: LeaseEvent, key: LeaseKey, error?: unknown) => void
}

/** What the file beside a lock says. */
export interface LeaseFile {
  readonly token: number
  readonly owner: string
  readonly space: string
  readonly name: string
  readonly acquiredAt: string
}

/**
 * The lease of one key, as all processes on a folder see it: a lock that its holder renews while it lives, and beside it
 * a file that says who holds it. Whoever finds the lock stale takes it over, so its holder has to look before it acts.
 */
export class Lease {
  readonly key: LeaseKey
  readonly token: number
  readonly #settings: LeaseSettings
  readonly #path: string
  /** Until then nobody takes it over, whatever happens. */
  #safeUntil: number
  #unlock: () => Promise<void> = () => Promise.resolve()
  #isCompromised = false
  #end: 'expired' | 'lost' | undefined

  private constructor(key: LeaseKey, token: number, settings: LeaseSettings) {
    this.key = key
    this.token = token
    this.#settings = settings
    this.#path = join(settings.folder, digestOf(key))
    this.#safeUntil = settings.now() + settings.ttlMs
  }

  /** The lease, or undefined where another holds it. Rejects where the folder cannot be written. */
  static async acquire(key: LeaseKey, token: number, settings: LeaseSettings): Promise<Lease | undefined> {
    const lease = new Lease(key, token, settings)
    if (!(await lease.#lock())) {
      settings.onEvent('contended', key)
      return undefined
    }
    try {
      if (await lease.#write()) settings.onEvent('stolen', key)
    } catch (error) {
      await lease.#unlock().catch(() => undefined)
      throw error
    }
    settings.onEvent('acquired', key)
    return lease
  }

  /** Whether it is still held: by no more than the clock as long as it cannot have been taken over, else by its files. */
  async isHeld(): Promise<boolean> {
    if (this.#end !== undefined) return false
    if (!this.#isCompromised && this.#settings.now() < this.#safeUntil) return true
    const state = await this.#look()
    if (state !== 'held' && this.#end === undefined) {
      this.#end = state
      this.#settings.onEvent(state, this.key)
    }
    return state === 'held'
  }

  /** Gives it back, unless it is another's by now. A failure is an event: the lease then ends with its time. */
  async release(): Promise<void> {
    await this.isHeld()
    if (this.#end === 'lost') return
    try {
      // First the file: what is beside a free lock would look as if its holder had died.
      await rm(this.#fileName, { force: true })
      if (this.#isCompromised) await rmdir(this.#lockName)
      else await this.#unlock()
    } catch (error) {
      this.#settings.onEvent('releaseFailed', this.key, error)
    }
  }

  get #lockName(): string {
    return `${this.#path}.lock`
  }

  get #fileName(): string {
    return `${this.#path}.json`
  }

  async #lock(isFolderNew = false): Promise<boolean> {
    const { folder, ttlMs, renewMs } = this.#settings
    try {
      this.#unlock = await lockfile.lock(this.#path, {
        realpath: false,
        lockfilePath: this.#lockName,
        stale: ttlMs,
        update: renewMs,
        onCompromised: () => {
          this.#isCompromised = true
          void this.isHeld()
        }
      })
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ELOCKED') return false
      if (code !== 'ENOENT' || isFolderNew) throw error
      // Somebody has tidied up.
      await mkdir(folder, { recursive: true })
      return this.#lock(true)
    }
  }

  /** Returns whether there was the file of a holder that has not given it back. */
  async #write(): Promise<boolean> {
    const { ownerId, now } = this.#settings
    const file: LeaseFile = {
      token: this.token,
      owner: ownerId,
      ...this.key,
      acquiredAt: new Date(now()).toISOString()
    }
    const text = `${JSON.stringify(file)}\n`
    try {
      await writeFile(this.#fileName, text, { flag: 'wx' })
      return false
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    await writeFile(this.#fileName, text)
    return true
  }

  /** What the files say. What cannot be read is not ours: better a refusal too many. */
  async #look(): Promise<'held' | 'expired' | 'lost'> {
    const { now, ttlMs } = this.#settings
    try {
      const { token } = JSON.parse(await readFile(this.#fileName, 'utf8')) as Partial<LeaseFile>
      const { mtimeMs } = await stat(this.#lockName)
      if (token !== this.token) return 'lost'
      if (this.#isCompromised || now() >= mtimeMs + ttlMs) return 'expired'
      this.#safeUntil = mtimeMs + ttlMs
      return 'held'
    } catch {
      return 'lost'
    }
  }
}
