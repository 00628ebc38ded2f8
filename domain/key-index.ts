const CELLS_MIN = 64
/** The share of cells in use from which on a search passes too many that belong to other keys. */
const LOAD_MAX = 0.7
/** How far above the table's base a number may be, for a cell to hold it. */
const SPAN_MAX = 2 ** 32 - 2

/** Who holds the keys, each under a number: later ones under higher numbers, and the lowest are let go first. */
export interface KeyHolder {
  /** The lowest number that is still held. */
  readonly oldest: number
  /** Whether it is this key that is held under the number. */
  isKey(number: number, key: string): boolean
}

/** A hash of texts that no caller can foresee, nor choose keys for that all fall into one cell. */
export class KeyHash {
  readonly #seed = anyWord()
  readonly #factor = anyWord() | 1
  #latestKey = ''
  #latestEnd = NaN
  #latest = 0

  /** A word of 32 bits. A key is nearly always looked up in one table after the other, so the latest is remembered. */
  of(key: string): number {
    // Keys in a row differ at their ends, mostly; and to ask for a unit makes a text of parts into one, which is read faster.
    const end = key.charCodeAt(key.length - 1)
    if (end === this.#latestEnd && key === this.#latestKey) return this.#latest
    this.#latestKey = key
    this.#latestEnd = end
    this.#latest = this.#compute(key)
    return this.#latest
  }

  /** Two units of the text at a time, mixed so that each of them decides over all bits (after FNV-1a and MurmurHash3). */
  #compute(key: string): number {
    const factor = this.#factor
    const last = key.length - 1
    let hash = this.#seed ^ last
    for (let at = 0; at < last; at += 2) {
      hash = Math.imul(hash ^ (key.charCodeAt(at) | (key.charCodeAt(at + 1) << 16)), factor)
      hash ^= hash >>> 15
    }
    if (last % 2 === 0) hash = Math.imul(hash ^ key.charCodeAt(last), factor)
    hash ^= hash >>> 16
    hash = Math.imul(hash, 0x85eb_ca6b)
    return (hash ^ (hash >>> 13)) >>> 0
  }
}

/**
 * Under which number a key is held: a hash table in one piece of memory, with eight bytes for each key and none of its
 * text. A Map would hold each key as an object, which the collector visits again and again, could not hold more than 16
 * million, and would have to be told of each key that is let go.
 */
export class KeyIndex {
  readonly #holder: KeyHolder
  readonly #hash: KeyHash
  /** Of each cell the hash of its key and, counted from `#base`, the number behind it; 0 where it is free. */
  #cells: Uint32Array
  #base = 0
  #used = 0

  /** With room for `keysExpected`; it grows with what comes. */
  constructor(holder: KeyHolder, hash = new KeyHash(), keysExpected = 0) {
    this.#holder = holder
    this.#hash = hash
    this.#cells = new Uint32Array(2 * cellsFor(keysExpected))
  }

  /** The memory it takes. */
  get bytes(): number {
    return this.#cells.byteLength
  }

  /** The number under which the key is held, undefined for none. */
  find(key: string): number | undefined {
    const number = this.#numberIn(this.#cellOf(key, this.#hash.of(key)))
    return number < 0 ? undefined : number
  }

  /**
   * Notes that the key, whose hash this is, is held under this number from now on; returns the one it was held under, if any.
   * REQUIRES: fewer than 2^32 numbers are held.
   */
  set(key: string, number: number, hash = this.#hash.of(key)): number | undefined {
    const isFull = this.#used >= (this.#cells.length / 2) * LOAD_MAX
    if (isFull || number - this.#base > SPAN_MAX) this.#rebuild()
    const cell = this.#cellOf(key, hash)
    const before = this.#numberIn(cell)
    if (before < 0) this.#used += 1
    this.#cells[cell] = hash
    this.#cells[cell + 1] = number - this.#base + 1
    return before < 0 ? undefined : before
  }

  /** The place of the cell that the key has, or of the free one that it would get. */
  #cellOf(key: string, hash: number): number {
    const cells = this.#cells
    const last = cells.length - 2
    let cell = (hash * 2) & last
    while (cells[cell + 1] !== 0) {
      if (cells[cell] === hash) {
        const number = this.#numberIn(cell)
        if (number >= this.#holder.oldest && this.#holder.isKey(number, key)) return cell
      }
      cell = (cell + 2) & last
    }
    return cell
  }

  #numberIn(cell: number): number {
    const place = this.#cells[cell + 1] ?? 0
    return place === 0 ? -1 : this.#base + place - 1
  }

  /** Without what was let go, in at least twice as many cells as are needed. */
  #rebuild(): void {
    const { oldest } = this.#holder
    const before = this.#cells
    const offset = oldest - this.#base
    let held = 0
    for (let cell = 1; cell < before.length; cell += 2) if ((before[cell] ?? 0) > offset) held += 1
    const cells = new Uint32Array(2 * cellsFor(2 * held))
    const last = cells.length - 2
    for (let from = 0; from < before.length; from += 2) {
      const hash = before[from] ?? 0
      const place = before[from + 1] ?? 0
      if (place <= offset) continue
      let cell = (hash * 2) & last
      while (cells[cell + 1] !== 0) cell = (cell + 2) & last
      cells[cell] = hash
      cells[cell + 1] = place - offset
    }
    this.#cells = cells
    this.#base = oldest
    this.#used = held
  }
}

/** As many as keep searches for so many keys short: a power of two. */
function cellsFor(keys: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(CELLS_MIN, keys / LOAD_MAX)))
}

function anyWord(): number {
  // eslint-disable-next-line no-restricted-properties -- where in memory a key stands decides nothing
  return Math.floor(Math.random() * 2 ** 32)
}
