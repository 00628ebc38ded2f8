import { below, seededRandom, type Random } from '../../adapters/file-system/seeded-random.ts'

/** What a seed decides. */
export class Chance {
  readonly random: Random

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** A whole number from 0 up to and without `limit`. */
  below(limit: number): number {
    return below(limit, this.random)
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  oneOf<Value>(values: readonly Value[]): Value {
    if (values.length === 0) throw new RangeError('there is nothing to choose from')
    return values[this.below(values.length)] as Value
  }

  /** A seed for something else. */
  seed(): number {
    return this.below(2 ** 31)
  }

  fill(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = this.below(256)
  }
}
