import type { DurableMark } from './frame.ts'
import { extendChain } from './frame.ts'

const KEPT_BOUNDARIES = 32_768

/** The place after a good frame, and the chain of all the frames up to it. */
interface Boundary {
  readonly segment: number
  readonly offset: number
  readonly chain: number
}

/**
 * How far a reader has come, and the chain of checksums up to there. Writers put their own durable position
 * and chain into the log; a reader that comes to another chain at that place has lost an acknowledged frame.
 */
export class LogPosition {
  #segment: number
  #offset = 0
  #chain = 0
  #boundaries: Boundary[] = []

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
    for (let index = this.#boundaries.length - 1; index >= 0; index -= 1) {
      const boundary = this.#boundaries[index]
      if (boundary === undefined) break
      if (boundary.segment < segment || (boundary.segment === segment && boundary.offset < offset))
        return false
      if (boundary.segment === segment && boundary.offset === offset) return boundary.chain === chain
    }
    return this.#boundaries.length < KEPT_BOUNDARIES ? false : undefined
  }

  #remember(): void {
    // Dropped by halves, so that the cost of forgetting is spread over many frames.
    if (this.#boundaries.length >= KEPT_BOUNDARIES * 2)
      this.#boundaries = this.#boundaries.slice(-KEPT_BOUNDARIES)
    this.#boundaries.push({ segment: this.#segment, offset: this.#offset, chain: this.#chain })
  }
}
