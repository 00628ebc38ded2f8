/** The order of UTF-16 code units, in which ids are listed. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
