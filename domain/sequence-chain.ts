const CHUNK_LENGTH = 65_536

/**
 * For each event the one before it on the same record, so that a record's history is found without
 * reading the log: eight bytes an event.
 */
export class SequenceChain {
  readonly #chunks: Float64Array[] = []
  #last = 0

  /** The sequence of the newest event, 0 for none. */
  get last(): number {
    return this.#last
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

  /** From `newest` back, at most `limit` sequences below `before`. */
  walk(newest: number, before: number, limit: number): number[] {
    const sequences: number[] = []
    for (
      let sequence = newest;
      sequence > 0 && sequences.length < limit;
      sequence = this.#previous(sequence)
    ) {
      if (sequence < before) sequences.push(sequence)
    }
    return sequences
  }

  #previous(sequence: number): number {
    const chunk = this.#chunks[Math.floor((sequence - 1) / CHUNK_LENGTH)]
    return chunk?.[(sequence - 1) % CHUNK_LENGTH] ?? 0
  }
}
