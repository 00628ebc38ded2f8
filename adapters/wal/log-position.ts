import type { DurableMark } from './frame.ts'
import { extendChain } from './frame.ts'

const KEPT_BOUNDARIES = 32_768

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

  constructor(segment: number) {
    this.#segment = segment
    this.#remember()
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

  #remember(): void {
    const place = this.#count % KEPT_BOUNDARIES
    this.#segments[place] = this.#segment
    this.#offsets[place] = this.#offset
    this.#chains[place] = this.#chain
    this.#count += 1
  }
}
