/** A source of numbers in [0, 1), the same ones in the same order for the same seed. */
export type Random = () => number

/**
 * mulberry32 by Tommy Ettinger, public domain: 32 bits of state, good enough to choose damage, never for
 * secrets. (fast-check carries pure-rand but does not export it, and is no dependency of the product.)
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A whole number from 0 up to and without `limit`. */
export function below(limit: number, random: Random): number {
  return Math.floor(random() * limit)
}
