import { randomBytes } from 'node:crypto'
import type { OpenFile } from '../file-system/file-system.ts'
import { DamageError } from './damage.ts'
import { FrameBuffer } from './frame-buffer.ts'
import { closeOpenEnd } from './scanned-lines.ts'
import { readFully } from './full-read.ts'
import type { LogFolder } from './log-folder.ts'
import type { LogReplay, UnitListener } from './log-replay.ts'
import { ShortWriteError } from './short-write.ts'

/** Small enough to stay in the processor's cache from the read through the checksum to the parsing. */
const CHUNK_BYTES = 512 * 1024

/**
 * The end of the log: the one file that is written to, how far it has been read, and the writer's own count of frames.
 * REQUIRES: one call of an asynchronous method at a time. After one of them rejects, the end of the log is unsure and
 * no method may be called any more but `close`.
 */
export class LogTail {
  readonly replay: LogReplay
  readonly #folder: LogFolder
  #file: OpenFile
  /** Up to where the file has been read, what is unfinished at its end included. */
  #readEnd: number
  #unfinishedFrom: number
  #writer = newWriter()
  #counter = 0

  constructor(folder: LogFolder, replay: LogReplay, file: OpenFile) {
    this.#folder = folder
    this.replay = replay
    this.#file = file
    // A last frame without its newline ends one byte behind the file.
    this.#unfinishedFrom = replay.position.offset
    this.#readEnd = Math.min(this.#unfinishedFrom, file.size())
  }

  get segment(): number {
    return this.replay.position.segment
  }

  get readEnd(): number {
    return this.#readEnd
  }

  /** Whether the present segment is sealed, so that others may be writing to the next one already. */
  get isLeavingSegment(): boolean {
    return this.replay.seal !== undefined
  }

  /**
   * Whether the file ends in what another writer left without a newline. The next frame ends that line: where nothing
   * but the newline was missing, it has become a frame for every reader.
   */
  get hasOpenEnd(): boolean {
    return this.#unfinishedFrom !== this.#readEnd
  }

  /** The size of the file now: fstat(2), so it shows what any process has written. */
  size(): number {
    return this.#file.size()
  }

  /** The id of the next frame this writer puts into the log. */
  nextId(): string {
    return `${this.#writer}-${this.#counter + 1}`
  }

  /** Counts the frame that was given `nextId()` as one to be written. */
  useId(): void {
    this.#counter += 1
  }

  /** Takes back ids of frames that were not handed to `append` after all. */
  returnIds(count: number): void {
    this.#counter -= count
  }

  /** Reads all that has been written, by whomever, makes it durable first, and follows seals into the next segments. */
  async catchUp(onUnit?: UnitListener): Promise<void> {
    for (;;) {
      await this.#readNew(onUnit)
      if (this.replay.seal === undefined) return
      await this.#enter(this.replay.seal)
    }
  }

  /** As `catchUp`, for one who opens the log: what no durable mark covers is written again before it is built upon. */
  async recover(): Promise<void> {
    for (;;) {
      await this.#readNew()
      await this.#rewrite(this.replay.durableOffset, this.#readEnd)
      if (this.replay.seal === undefined) return
      await this.#follow(this.replay.seal)
    }
  }

  /**
   * Appends frames in one write and makes them durable. Resolves to the place of the first byte when nobody else has
   * written, not even a part of a frame; the caller then hands its units to `replay.takeOwn`. Otherwise everything
   * new has been read, this writer's frames too, `onUnit` has been told the verdicts, and it resolves to undefined.
   * `onLanded` is called once the frames are in the file, before they are synced.
   */
  async append(
    frames: FrameBuffer,
    onUnit: UnitListener,
    onLanded?: () => void
  ): Promise<number | undefined> {
    const start = this.#readEnd
    const size = await this.#write(frames, onLanded)
    if (size === start + frames.length && !this.hasOpenEnd) {
      this.#readEnd = size
      this.#unfinishedFrom = size
      return start
    }
    await this.#readTo(size, onUnit)
    if (this.replay.seal !== undefined) await this.#enter(this.replay.seal)
    return undefined
  }

  /**
   * Seals the present segment and goes on in a new one, together with all other writers. `at` in milliseconds. A
   * segment without an event stays: the next one would have the same name.
   */
  async rotate(at: number): Promise<void> {
    if (this.replay.book.sequence < this.segment) return
    const name = await this.#folder.prepareNext(this.segment, this.#writer)
    await this.#appendControl((id) => ({ id, at, durable: this.replay.position.mark, seal: name }))
    if (this.replay.seal !== undefined && this.replay.seal !== name) await this.#folder.discard(name)
    await this.catchUp()
  }

  /** Says in the log that all of it is durable, so that damage to its last frames is told from a crash. */
  async markDurable(at: number): Promise<void> {
    await this.#appendControl((id) => ({ id, at, durable: this.replay.position.mark, mark: true }))
    await this.catchUp()
  }

  /** Says in the log that it begins at the segment `retained` from here on. `at` in milliseconds. */
  async retain(at: number, retained: number): Promise<void> {
    await this.#appendControl((id) => ({ id, at, durable: this.replay.position.mark, retained }))
    await this.catchUp()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #readNew(onUnit?: UnitListener): Promise<void> {
    const size = this.#file.size()
    if (size === this.#readEnd) return
    await this.#file.syncData()
    await this.#readTo(size, onUnit)
  }

  /**
   * Writes a part of the file again, byte for byte, and syncs it. After a sync that failed, the kernel may hold as
   * clean what never reached the disk, and tell nobody who opens the file later (fsync(2), Linux); written again, it
   * is dirty again. What has a seal is rewritten before the seal is followed, for nothing may stand behind a lost one.
   */
  async #rewrite(from: number, to: number): Promise<void> {
    if (from >= to) return
    const file = await this.#folder.openForUpdate(this.segment)
    try {
      for (let at = from; at < to;) {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at))
        const length = await this.#file.read(chunk, at)
        const written = length > 0 ? await file.writeAt(chunk.subarray(0, length), at) : 0
        if (written === 0 || written !== length)
          throw new ShortWriteError(`${written} of ${chunk.length} bytes`)
        at += length
      }
      await file.syncData()
    } finally {
      await file.close()
    }
  }

  /** One write and its sync; resolves to the size that the file had in between. */
  async #write(frames: FrameBuffer, onLanded?: () => void): Promise<number> {
    const written = await this.#file.append(frames.bytes)
    if (written !== frames.length)
      throw new ShortWriteError(`${written} of ${frames.length} bytes were written`)
    onLanded?.()
    const size = this.#file.size()
    await this.#file.syncData()
    return size
  }

  async #appendControl(frame: (id: string) => Parameters<FrameBuffer['add']>[0]): Promise<void> {
    const frames = new FrameBuffer()
    frames.add(frame(this.nextId()))
    this.useId()
    const size = await this.#write(frames)
    await this.#readTo(size)
  }

  async #readTo(size: number, onUnit?: UnitListener): Promise<void> {
    if (size < this.#readEnd) {
      const path = this.#folder.pathOf(this.segment)
      throw new DamageError(path, size, `the file has shrunk from ${this.#readEnd} to ${size} bytes`)
    }
    let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - this.#unfinishedFrom))
    while (this.#unfinishedFrom < size) {
      const from = this.#unfinishedFrom
      const chunk = buffer.subarray(0, Math.min(buffer.length, size - from))
      const length = await readFully(this.#file, chunk, from)
      this.#unfinishedFrom = this.replay.take(chunk.subarray(0, length), from, onUnit)
      if (this.replay.seal !== undefined) break
      if (length < chunk.length || from + length >= size) {
        this.#takeOpenEnd(chunk.subarray(this.#unfinishedFrom - from, length), onUnit)
        break
      }
      // A frame longer than the chunk shows no end in it.
      if (this.#unfinishedFrom === from) buffer = Buffer.allocUnsafe(buffer.length * 2)
    }
    this.#readEnd = size
  }

  #takeOpenEnd(unfinished: Buffer, onUnit?: UnitListener): void {
    const line = closeOpenEnd(unfinished)
    if (line !== undefined) this.#unfinishedFrom = this.replay.take(line, this.#unfinishedFrom, onUnit)
  }

  /** Follows a seal while others may have written behind it, and one of them may have failed to sync it. */
  async #enter(name: string): Promise<void> {
    await this.#follow(name)
    await this.#rewrite(0, this.#file.size())
  }

  async #follow(name: string): Promise<void> {
    const segment = this.replay.book.sequence + 1
    const sealed = this.#file
    this.#file = await this.#folder.adopt(name, segment)
    this.replay.enter(segment)
    this.#readEnd = 0
    this.#unfinishedFrom = 0
    // Frames of ours may have landed behind the seal, where nobody looks: a new writer has no gap to explain.
    this.#writer = newWriter()
    this.#counter = 0
    await sealed.close()
  }
}

/** 48 random bits: two writers of one log never share a name. */
function newWriter(): string {
  return randomBytes(6).toString('base64url').replaceAll('-', '.')
}
