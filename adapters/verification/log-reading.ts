import { join } from 'node:path'
import { sequencedEvents } from '../../domain/logged-unit.ts'
import type { SequencedEvent } from '../../domain/unit.ts'
import { NodeFileSystem } from '../file-system/node-file-system.ts'
import type { OpenFile } from '../file-system/file-system.ts'
import { DamageError } from '../wal/damage.ts'
import { parseFrame } from '../wal/frame-body.ts'
import type { UnitFrame } from '../wal/frame.ts'
import { closeOpenEnd, LineScan } from '../wal/scanned-lines.ts'
import { readFully } from '../wal/full-read.ts'
import { LogFolder } from '../wal/log-folder.ts'
import { LogReplay } from '../wal/log-replay.ts'
import type { ReplayParts } from '../wal/replay-capture.ts'

const CHUNK_BYTES = 1024 * 1024

/** What somebody makes of the events, one after the other. */
export type EventListener = (event: SequencedEvent) => void

/** A log as it was read. */
export interface ReadLog {
  readonly replay: LogReplay
  readonly segmentCount: number
}

/** Reads a log from its segments and changes nothing, also while others write to it. */
export class LogReading {
  readonly #fileSystem = new NodeFileSystem()
  readonly #logFolder: string
  readonly #folder: LogFolder

  constructor(dataFolder: string) {
    this.#folder = new LogFolder(this.#fileSystem, dataFolder)
    this.#logFolder = join(dataFolder, 'log')
  }

  /** The first sequences of the segments. Rejects with ENOENT where there is no log. */
  segments(): Promise<number[]> {
    return this.#folder.segments()
  }

  /**
   * Reads it to its end, from its beginning or from where a snapshot was made. `onEvent` is told of each event that takes
   * effect. Throws a DamageError where the log does not hold what was acknowledged.
   */
  async read(from: ReplayParts | undefined, onEvent: EventListener): Promise<ReadLog> {
    const replay = new LogReplay((segment) => this.#folder.pathOf(segment), from)
    let segmentCount = 0
    let file = await this.#folder.openForReading(replay.position.segment)
    let offset = replay.position.offset
    for (;;) {
      segmentCount += 1
      try {
        await this.#readSegment(file, offset, replay, onEvent)
      } finally {
        await file.close()
      }
      if (replay.seal === undefined) break
      const segment = replay.book.sequence + 1
      file = await this.#openSealed(replay.seal, segment)
      replay.enter(segment)
      offset = 0
    }
    await this.#requireNoneBehind(replay)
    return { replay, segmentCount }
  }

  async #readSegment(
    file: OpenFile,
    start: number,
    replay: LogReplay,
    onEvent: EventListener
  ): Promise<void> {
    let length = CHUNK_BYTES
    for (let from = start; replay.seal === undefined;) {
      const size = file.size()
      if (from >= size) return
      const bytes = Buffer.allocUnsafe(Math.min(length, size - from))
      const chunk = bytes.subarray(0, await readFully(file, bytes, from))
      const next = takeLines(chunk, from, replay, onEvent)
      if (next > from) {
        from = next
      } else if (from + chunk.length < size) {
        // A frame longer than the chunk shows no end in it.
        length *= 2
      } else {
        const line = closeOpenEnd(chunk)
        if (line !== undefined) takeLines(line, from, replay, onEvent)
        return
      }
    }
  }

  /** The segment that a seal names may not have its own name yet. */
  async #openSealed(seal: string, segment: number): Promise<OpenFile> {
    try {
      return await this.#folder.openForReading(segment)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return await this.#fileSystem.open(join(this.#logFolder, seal), 'read').catch(() => {
        const path = this.#folder.pathOf(segment)
        throw new DamageError(path, 0, 'the segment before it is sealed, but this one is missing')
      })
    }
  }

  async #requireNoneBehind({ position }: LogReplay): Promise<void> {
    const file = await this.#folder.openForReading(position.segment)
    const size = file.size()
    await file.close()
    // What has grown meanwhile may have been sealed.
    if (size > position.offset) return
    const behind = (await this.segments()).find((segment) => segment > position.segment)
    if (behind === undefined) return
    const path = this.#folder.pathOf(position.segment)
    throw new DamageError(path, size, `it has no seal, but segment ${behind} follows it`)
  }
}

/** Hands the lines to the replay and the events of the units that took effect to the listener. */
function takeLines(bytes: Buffer, offset: number, replay: LogReplay, onEvent: EventListener): number {
  const valid = new Set<string>()
  let sequence = replay.book.sequence + 1
  const next = replay.take(bytes, offset, (unitId, isValid) => {
    if (isValid) valid.add(unitId)
  })
  for (const line of new LineScan(bytes, offset)) {
    if (line.kind !== 'frame') continue
    const frame = parseFrame(line.body)
    if (!valid.has(frame.id)) continue
    for (const event of sequencedEvents(frame as UnitFrame, sequence)) {
      onEvent(event)
      sequence += 1
    }
  }
  return next
}
