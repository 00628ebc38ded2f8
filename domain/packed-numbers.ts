const SPAN_OF_BYTE = 0xff
const SPAN_OF_SHORT = 0xffff
const SPAN_OF_WORD = 0xffff_ffff

export type PackedValues = Uint8Array | Uint16Array | Uint32Array | Float64Array

/**
 * Numbers that are never changed, kept as distances from the least of them in the fewest bytes that hold each one
 * exactly: numbers that are not whole, or far apart, as they are.
 */
export class PackedNumbers {
  readonly base: number
  readonly values: PackedValues

  constructor(base: number, values: PackedValues) {
    this.base = base
    this.values = values
  }

  /** The first `count` of the numbers. */
  static of(numbers: Float64Array | Uint32Array, count = numbers.length): PackedNumbers {
    let least = Infinity
    let most = -Infinity
    let areWhole = true
    for (let index = 0; index < count; index += 1) {
      const number = numbers[index] ?? 0
      if (number < least) least = number
      if (number > most) most = number
      areWhole &&= Number.isSafeInteger(number)
    }
    if (count === 0) return new PackedNumbers(0, new Uint8Array(0))
    const span = most - least
    if (!areWhole || span > SPAN_OF_WORD)
      return new PackedNumbers(0, Float64Array.from(numbers.subarray(0, count)))
    const values =
      span <= SPAN_OF_BYTE
        ? new Uint8Array(count)
        : span <= SPAN_OF_SHORT
          ? new Uint16Array(count)
          : new Uint32Array(count)
    for (let index = 0; index < count; index += 1) values[index] = (numbers[index] ?? 0) - least
    return new PackedNumbers(least, values)
  }

  get length(): number {
    return this.values.length
  }

  get isAllZero(): boolean {
    return this.base === 0 && this.values.every((value: number) => value === 0)
  }

  /** The number at this index; NaN where there is none. */
  at(index: number): number {
    return this.base + (this.values[index] ?? NaN)
  }

  /** Writes all of them into `target` from `start` on. */
  copyTo(target: Float64Array | Uint32Array, start: number): void {
    for (let index = 0; index < this.values.length; index += 1) target[start + index] = this.at(index)
  }
}
