import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { FileSystem, OpenFile } from '../../file-system/file-system.ts'
import { extendChain } from '../frame.ts'
import type { CapturedPosition } from '../log-position.ts'
import type { ReplayParts } from '../replay-capture.ts'
import { ShortWriteError } from '../short-write.ts'
import { encodeBlock, type Block, type ReadBlock } from './block.ts'
import { positionOf, SnapshotContent } from './snapshot-blocks.ts'
import { firstLine, SnapshotReader, UnusableSnapshotError, type EndFacts } from './snapshot-reader.ts'
import { digits, NAME_DIGITS } from '../sequence-name.ts'

const SNAPSHOT_NAME = new RegExp(`^(\\d{${NAME_DIGITS}})\\.snapshot$`)
const UNFINISHED_NAME = new RegExp(`^(\\d{${NAME_DIGITS}})\\.[^.]+\\.unfinished$`)
const KEPT = 2
const WRITE_BYTES = 256 * 1024

/** `<data>/snapshots/<sequence>.snapshot`: whole files only, for each is written under another name and then renamed. */
export class SnapshotFolder {
  readonly #fileSystem: FileSystem
  readonly #data: string
  readonly #folder: string

  constructor(fileSystem: FileSystem, dataFolder: string) {
    this.#fileSystem = fileSystem
    this.#data = resolve(dataFolder)
    this.#folder = join(this.#data, 'snapshots')
  }

  pathOf(sequence: number): string {
    return join(this.#folder, `${digits(sequence)}.snapshot`)
  }

  /** The sequences of the snapshots there are, the newest first. */
  async list(): Promise<number[]> {
    return (await this.#sequencesOf(SNAPSHOT_NAME)).map(({ sequence }) => sequence).reverse()
  }

  /** Reads a snapshot and checks every byte. Throws an UnusableSnapshotError, also where it is gone or cannot be read. */
  async read(sequence: number): Promise<ReplayParts> {
    const content = new SnapshotContent()
    await this.#readBlocks(sequence, async (block) => content.add(block))
    const parts = content.parts()
    if (parts.book.sequence !== sequence) {
      throw new UnusableSnapshotError(`it is that of the event ${parts.book.sequence}`)
    }
    return parts
  }

  /**
   * Reads a snapshot and checks every byte, but keeps nothing of it. Resolves to where the log goes on behind it;
   * to undefined where it cannot be used. `pause` is awaited between two pieces of work.
   */
  async verify(sequence: number, pause: () => Promise<void>): Promise<CapturedPosition | undefined> {
    let position: CapturedPosition | undefined
    try {
      await this.#readBlocks(sequence, async (block) => {
        position ??= positionOf(block)
        await pause()
      })
      return position
    } catch (error) {
      if (error instanceof UnusableSnapshotError) return undefined
      throw error
    }
  }

  async #readBlocks(sequence: number, take: (block: ReadBlock) => Promise<void>): Promise<void> {
    const file = await this.#fileSystem.open(this.pathOf(sequence), 'read').catch(unreadable)
    try {
      const blocks = new SnapshotReader(file).blocks()
      for (;;) {
        const next = await blocks.next().catch(unreadable)
        if (next.done === true) return
        await take(next.value)
      }
    } finally {
      await file.close()
    }
  }

  /**
   * Writes a snapshot and returns its bytes: it is durable, name and all, when this resolves, and then only the newest
   * ones are kept. Where anything fails the others are as they were, and of this one nothing is left, unless it was the
   * very last step, the sync of its name. `pause` is awaited between two pieces of work; what it throws ends the writing.
   */
  async write(sequence: number, blocks: Iterable<Block>, pause: () => Promise<void>): Promise<number> {
    await this.#fileSystem.makeFolder(this.#folder)
    await this.#fileSystem.syncFolder(this.#data)
    const name = `${digits(sequence)}.${randomBytes(6).toString('hex')}.unfinished`
    const path = join(this.#folder, name)
    try {
      const bytes = await this.#writeFile(path, blocks, pause)
      await this.#fileSystem.rename(path, this.pathOf(sequence))
      await this.#fileSystem.syncFolder(this.#folder)
      // What cannot be removed now is there the next time.
      await this.#removeOld(sequence, pause).catch(() => undefined)
      return bytes
    } catch (error) {
      await this.#fileSystem.remove(path).catch(() => undefined)
      throw error
    }
  }

  async #writeFile(path: string, blocks: Iterable<Block>, pause: () => Promise<void>): Promise<number> {
    const file = await this.#fileSystem.open(path, 'create')
    try {
      const size = await writeBlocks(file, blocks, pause)
      await file.syncData()
      return size
    } finally {
      await file.close()
    }
  }

  /** The older ones, and what writers that died have left of snapshots that nobody needs any more. */
  async #removeOld(written: number, pause: () => Promise<void>): Promise<void> {
    const oldestKept = await this.#oldestToKeep(written, pause)
    const names = [...(await this.#sequencesOf(SNAPSHOT_NAME)), ...(await this.#sequencesOf(UNFINISHED_NAME))]
    for (const { name, sequence } of names) {
      // Another process may have come before, and what cannot be removed now is there the next time.
      if (sequence < oldestKept)
        await this.#fileSystem.remove(join(this.#folder, name)).catch(() => undefined)
    }
  }

  /**
   * One that has rotted is nothing to fall back on, so it does not count; every byte of the older ones is read for that. As
   * long as there are too few good ones, all are kept: what cannot be read now may be read the next time.
   */
  async #oldestToKeep(written: number, pause: () => Promise<void>): Promise<number> {
    const snapshots = await this.list()
    let good = 1
    for (const sequence of snapshots) {
      if (sequence === written) continue
      if (sequence < written && (await this.verify(sequence, pause)) === undefined) continue
      good += 1
      if (good === KEPT) return Math.min(sequence, written)
    }
    return snapshots.at(-1) ?? written
  }

  async #sequencesOf(pattern: RegExp): Promise<{ name: string; sequence: number }[]> {
    const names = await this.#fileSystem.list(this.#folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    })
    return names.flatMap((name) => {
      const found = pattern.exec(name)?.[1]
      return found === undefined ? [] : [{ name, sequence: Number(found) }]
    })
  }
}

/** Gathers short blocks into longer writes, and lets others have their turn between two of them. */
async function writeBlocks(
  file: OpenFile,
  blocks: Iterable<Block>,
  pause: () => Promise<void>
): Promise<number> {
  let waiting: Uint8Array[] = [firstLine]
  let waitingBytes = firstLine.length
  let size = 0
  const flush = async (): Promise<void> => {
    const written = await file.append(Buffer.concat(waiting))
    if (written !== waitingBytes)
      throw new ShortWriteError(`${written} of ${waitingBytes} bytes were written`)
    size += written
    waiting = []
    waitingBytes = 0
  }
  let end: EndFacts = { blocks: 0, checksum: 0 }
  for (const block of blocks) {
    const bytes = encodeBlock(block, end.blocks)
    end = { blocks: end.blocks + 1, checksum: extendChain(end.checksum, bytes.readUInt32LE(0)) }
    waiting.push(bytes)
    waitingBytes += bytes.length
    if (waitingBytes >= WRITE_BYTES) await flush()
    await pause()
  }
  const last = encodeBlock({ kind: 'end', facts: end }, end.blocks)
  waiting.push(last)
  waitingBytes += last.length
  await flush()
  return size
}

function unreadable(error: unknown): never {
  if (error instanceof UnusableSnapshotError) throw error
  const why = error instanceof Error ? error.message : String(error)
  throw new UnusableSnapshotError(`it cannot be read: ${why}`, { cause: error })
}
