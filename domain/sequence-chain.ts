import { PackedNumbers } from './packed-numbers.ts'

const CHUNK_LENGTH = 65_536

/** A part of a chain: what `numbers` says of the events from `first` on. */
export interface ChainPart {
  readonly first: number
  readonly numbers: PackedNumbers
}

/**
 * For each event the one before it on the same record, so that a record's history is found without
 * reading the log: eight bytes an event. Events below the oldest one are forgotten.
 */
export class SequenceChain {
  #chunks: (Float64Array | undefined)[] = []
  #oldest = 1
  #last = 0

  /** The sequence of the newest event, 0 for none. */
  get last(): number {
    return this.#last
  }

  /** The sequence of the oldest event that is not forgotten; that of the next event where there is none. */
  get oldest(): number {
    return this.#oldest
  }

  /** Adds the next event, whose record's event before it is `previous` (0 for none), and returns its sequence. */
  append(previous: number): number {
    const index = this.#last % CHUNK_LENGTH
    if (index === 0) this.#chunks.push(new Float64Array(CHUNK_LENGTH))
    const chunk = this.#chunks.at(-1)
    if (chunk !== undefined) chunk[index] = previous
    this.#last += 1
    return this.#last
  }

  /** From `newest` back, at most `limit` sequences below `before`, as far as they are not forgotten. */
  walk(newest: number, before: number, limit: number): number[] {
    const sequences: number[] = []
    for (
      let sequence = newest;
      sequence >= this.#oldest && sequences.length < limit;
      sequence = this.#previous(sequence)
    ) {
      if (sequence < before) sequences.push(sequence)
    }
    return sequences
  }

  /** Forgets the events below `oldest`, and gives back their memory as far as it is theirs alone. */
  forgetBelow(oldest: number): void {
    if (oldest <= this.#oldest) return
    this.#oldest = oldest
    const kept = Math.min(chunkOf(oldest), this.#chunks.length - 1)
    for (let chunk = kept - 1; chunk >= 0 && this.#chunks[chunk] !== undefined; chunk -= 1) {
      this.#chunks[chunk] = undefined
    }
  }

  /** The chain as it is now, in parts to be drawn one by one, whatever happens to it in the meantime. */
  capture(): Iterable<ChainPart> {
    const chunks = [...this.#chunks]
    return partsOf(chunks, this.#oldest, this.#last)
  }

  /** The chain of the parts, which begin at `oldest` and end at `last` without a gap. Throws a RangeError otherwise. */
  static restore(oldest: number, last: number, parts: Iterable<ChainPart>): SequenceChain {
    const chain = new SequenceChain()
    let next = oldest
    for (const { first, numbers } of parts) {
      if (first !== next || first + numbers.length > chunkStart(chunkOf(first) + 1)) {
        throw new RangeError(`the chain goes from ${next} to ${first}`)
      }
      const chunk = new Float64Array(CHUNK_LENGTH)
      numbers.copyTo(chunk, (first - 1) % CHUNK_LENGTH)
      chain.#chunks[chunkOf(first)] = chunk
      next = first + numbers.length
    }
    if (next !== last + 1) throw new RangeError(`the chain ends before ${next}, not at ${last}`)
    // A chunk that is begun has to be there for the events that follow, though none of those in it are kept.
    const begun = chunkOf(last)
    if (last % CHUNK_LENGTH !== 0) chain.#chunks[begun] ??= new Float64Array(CHUNK_LENGTH)
    chain.#chunks = Array.from({ length: last === 0 ? 0 : begun + 1 }, (_, index) => chain.#chunks[index])
    chain.#oldest = oldest
    chain.#last = last
    return chain
  }

  #previous(sequence: number): number {
    const chunk = this.#chunks[chunkOf(sequence)]
    return chunk?.[(sequence - 1) % CHUNK_LENGTH] ?? 0
  }
}

function* partsOf(
  chunks: readonly (Float64Array | undefined)[],
  oldest: number,
  last: number
): Generator<ChainPart> {
  for (let first = oldest; first <= last;) {
    const end = Math.min(last + 1, chunkStart(chunkOf(first) + 1))
    const from = (first - 1) % CHUNK_LENGTH
    const numbers =
      chunks[chunkOf(first)]?.subarray(from, from + end - first) ?? new Float64Array(end - first)
    yield { first, numbers: PackedNumbers.of(numbers) }
    first = end
  }
}

function chunkOf(sequence: number): number {
  return Math.floor((sequence - 1) / CHUNK_LENGTH)
}

/** The first sequence of a chunk. */
function chunkStart(chunk: number): number {
  return chunk * CHUNK_LENGTH + 1
}
