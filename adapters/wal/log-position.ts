import { PackedNumbers } from '../../domain/packed-numbers.ts'
import type { DurableMark } from './frame.ts'
import { extendChain } from './frame.ts'

const KEPT_BOUNDARIES = 32_768

/** A position with the boundaries that it keeps, the oldest first. */
export interface CapturedPosition {
  readonly segment: number
  readonly offset: number
  readonly chain: number
  /** Of all boundaries that were ever passed. */
  readonly count: number
  readonly segments: PackedNumbers
  readonly offsets: PackedNumbers
  readonly chains: PackedNumbers
}

/**
 * How far a reader has come, and the chain of checksums up to there. Writers put their own durable position
 * and chain into the log; a reader that comes to another chain at that place has lost an acknowledged frame.
 */
export class LogPosition {
  #segment: number
  #offset = 0
  #chain = 0
  /** The boundaries passed last, in rings: as objects they would outlive every young generation of the collector. */
  readonly #segments = new Float64Array(KEPT_BOUNDARIES)
  readonly #offsets = new Float64Array(KEPT_BOUNDARIES)
  readonly #chains = new Uint32Array(KEPT_BOUNDARIES)
  #count = 0

  /** The beginning of a segment, or a position that was captured. */
  constructor(from: number | CapturedPosition) {
    if (typeof from === 'number') {
      this.#segment = from
      this.#remember()
      return
    }
    const { segment, offset, chain, count, segments, offsets, chains } = from
    this.#segment = segment
    this.#offset = offset
    this.#chain = chain
    for (let index = 0; index < segments.length; index += 1) {
      const place = (count - segments.length + index) % KEPT_BOUNDARIES
      this.#segments[place] = segments.at(index)
      this.#offsets[place] = offsets.at(index)
      this.#chains[place] = chains.at(index)
    }
    this.#count = count
  }

  /** The first sequence of the segment, which is its name. */
  get segment(): number {
    return this.#segment
  }

  /** The end of the last good frame. */
  get offset(): number {
    return this.#offset
  }

  get mark(): DurableMark {
    return [this.#segment, this.#offset, this.#chain]
  }

  /** One more good frame, which ends at `end`. */
  pass(end: number, checksum: number): void {
    this.#offset = end
    this.#chain = extendChain(this.#chain, checksum)
    this.#remember()
  }

  /** On to the next segment; the chain goes on. */
  enter(segment: number): void {
    this.#segment = segment
    this.#offset = 0
    this.#remember()
  }

  /**
   * Whether what a writer knew to be durable is what was read. `undefined` where the place is too far back to tell,
   * as for a writer that was stopped for long in the middle of a write.
   */
  agrees([segment, offset, chain]: DurableMark): boolean | undefined {
    const oldest = Math.max(0, this.#count - KEPT_BOUNDARIES)
    for (let index = this.#count - 1; index >= oldest; index -= 1) {
      const place = index % KEPT_BOUNDARIES
      const kept = this.#segments[place] ?? 0
      const boundary = this.#offsets[place] ?? 0
      if (kept < segment || (kept === segment && boundary < offset)) return false
      if (kept === segment && boundary === offset) return this.#chains[place] === chain
    }
    return oldest === 0 ? false : undefined
  }

  capture(): CapturedPosition {
    const kept = Math.min(this.#count, KEPT_BOUNDARIES)
    const inOrder = (ring: Float64Array | Uint32Array): PackedNumbers => {
      const numbers = new Float64Array(kept)
      for (let index = 0; index < kept; index += 1) {
        numbers[index] = ring[(this.#count - kept + index) % KEPT_BOUNDARIES] ?? 0
      }
      return PackedNumbers.of(numbers)
    }
    return {
      segment: this.#segment,
      offset: this.#offset,
      chain: this.#chain,
      count: this.#count,
      segments: inOrder(this.#segments),
      offsets: inOrder(this.#offsets),
      chains: inOrder(this.#chains)
    }
  }

  #remember(): void {
    const place = this.#count % KEPT_BOUNDARIES
    this.#segments[place] = this.#segment
    this.#offsets[place] = this.#offset
    this.#chains[place] = this.#chain
    this.#count += 1
  }
}
