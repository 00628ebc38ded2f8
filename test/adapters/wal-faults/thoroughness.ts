/** With EXHAUSTIVE=1 every place is tried; else each run takes a part of them, another one with each seed. */
const isExhaustive = process.env['EXHAUSTIVE'] === '1'

/** Of so many places one is tried, where not all are. */
const PLACES_PER_TRY = 6

/** Whether the place is among those that this run tries. */
export function isTried(place: number, seed: number): boolean {
  return isExhaustive || place % PLACES_PER_TRY === seed % PLACES_PER_TRY
}

/** What a count must come to, given the one of all places. */
export function share(count: number): number {
  return isExhaustive ? count : Math.floor(count / PLACES_PER_TRY / 1.2)
}
