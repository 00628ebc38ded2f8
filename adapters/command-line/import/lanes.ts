import { crc32 } from 'node:zlib'
import { type Item, recordOf } from './mapping.ts'
import { movementJson } from './sending.ts'

/** The contract's bound of one request. */
export const MOST_MOVEMENTS = 10_000

/** The contract's 8 MiB, less what stands around the movements. */
export const MOST_BYTES = 8 * 1024 * 1024 - 1024

/** So many batches may wait in a lane before the reading of rows waits for it. */
const WAITING_BATCHES = 4

interface Lane {
  readonly waiting: { readonly item: Item; readonly bytes: number }[]
  /** Set while batches are sent one after the other. */
  sending: Promise<void> | undefined
  /** The batch under way. */
  batch: Promise<void> | undefined
}

/**
 * Sends rows in batches over several lanes. All rows of a record go through the same lane, and a lane has one batch
 * under way at a time, so each record's rows keep their order while the lanes run side by side.
 */
export class Lanes {
  readonly #lanes: readonly Lane[]
  readonly #batchSize: number
  readonly #send: (items: readonly Item[]) => Promise<void>
  #isLast = false
  #isStopped = false
  #failure: { readonly error: unknown } | undefined

  constructor(count: number, batchSize: number, send: (items: readonly Item[]) => Promise<void>) {
    this.#lanes = Array.from({ length: count }, () => ({ waiting: [], sending: undefined, batch: undefined }))
    this.#batchSize = batchSize
    this.#send = send
  }

  /** Whether it is of no use to put more rows in: a batch failed. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Takes a row; where a promise comes back, the next row must wait for it. */
  put(item: Item): Promise<void> | undefined {
    const { movement } = item
    const lane = this.#laneOf(movement === undefined ? '' : recordOf(movement))
    lane.waiting.push({
      item,
      bytes: movement === undefined ? 0 : Buffer.byteLength(movementJson(movement, false)) + 1
    })
    if (lane.waiting.length >= this.#batchSize) this.#start(lane)
    return this.#isFull(lane) ? this.#untilNotFull(lane) : undefined
  }

  /** Sends what still waits and resolves when all is answered; rejects with the first failure of a batch. */
  async finish(): Promise<void> {
    this.#isLast = true
    for (const lane of this.#lanes) this.#start(lane)
    await this.#settled()
  }

  /** Begins no more batches and resolves when those under way are answered; rejects as `finish` does. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#settled()
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#lanes.flatMap((lane) => lane.sending ?? []))
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #laneOf(record: string): Lane {
    const lane = this.#lanes[crc32(record) % this.#lanes.length]
    if (lane === undefined) throw new RangeError('there is no lane')
    return lane
  }

  #start(lane: Lane): void {
    if (lane.sending === undefined && this.#goesOn(lane)) lane.sending = this.#run(lane)
  }

  async #run(lane: Lane): Promise<void> {
    while (this.#goesOn(lane)) {
      lane.batch = this.#send(this.#nextBatch(lane)).catch((error: unknown) => {
        this.#failure ??= { error }
      })
      await lane.batch
    }
    lane.sending = undefined
  }

  #goesOn(lane: Lane): boolean {
    if (this.#isStopped || this.#failure !== undefined) return false
    return lane.waiting.length >= (this.#isLast ? 1 : this.#batchSize)
  }

  #nextBatch(lane: Lane): Item[] {
    let count = 0
    let bytes = 0
    for (const next of lane.waiting) {
      bytes += next.bytes
      if (count === this.#batchSize || (count > 0 && bytes > MOST_BYTES)) break
      count += 1
    }
    return lane.waiting.splice(0, count).map(({ item }) => item)
  }

  #isFull(lane: Lane): boolean {
    return lane.waiting.length >= this.#batchSize * WAITING_BATCHES
  }

  async #untilNotFull(lane: Lane): Promise<void> {
    while (this.#isFull(lane) && lane.sending !== undefined) await lane.batch
  }
}
